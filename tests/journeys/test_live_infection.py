"""An infected machine, from the first look to the proof and back: what runs, what starts by itself, who may come in."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import intruder
from tests.fixtures.agreeing_packages import accept_packages
from tests.fixtures.machines import INTERPRETER, Machine, running_machine
from tests.fixtures.snapshots import take_snapshot

PLANTED = {
    ("processes", intruder.DELETED, "kdevtmpfsi"),
    ("memory", None, os.path.basename(INTERPRETER)),
    ("autostart", "/etc/cron.d/apache-check", "cron"),
    ("autostart", "/etc/systemd/system/agent.service", "systemd"),
    ("autostart", "/etc/ld.so.preload", "preload"),
    ("autostart", "/var/www/html/.htaccess", "web_drop_in"),
    ("files", "/etc/libsystem.so", None),
    ("accounts", "/etc/passwd", "toor2"),
    ("accounts", "/root/.ssh/authorized_keys", intruder.FINGERPRINT),
}
_WATCHED = ("etc", "root", "var/www", "opt/agent", "tmp", "var/spool/cron")


@pytest.fixture(scope="module")
def machine(compiled_rules: Path) -> Iterator[Machine]:
    with running_machine(compiled_rules) as made:
        accept_packages(made)
        yield made


def scan(machine: Machine, code: int, *words: str) -> dict[str, Any]:
    """The report; the exit code must be the one given."""
    answer = machine.codered("scan", "--json", "-o", "/run/report.json", *words)
    assert answer.returncode == code, answer.stdout[-3000:] + answer.stderr[-3000:]
    report: dict[str, Any] = json.loads(answer.stdout)
    return report


def done(answer: "subprocess.CompletedProcess[str]") -> "subprocess.CompletedProcess[str]":
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return answer


def test_found_removed_clean_and_rolled_back(machine: Machine) -> None:
    assert scan(machine, 0)["verdict"] == "clean"
    intruder.infect(machine)
    before = take_snapshot(machine, _WATCHED)
    report = scan(machine, 1)
    named = {(f["layer"], f["subject"].get("path"), f["subject"].get("key")) for f in report["findings"]}
    assert named >= PLANTED
    assert all(f["because"] for f in report["findings"])
    stages = [stage["what"] for stage in report["order"]]
    assert stages.index("memory of processes") < stages.index("what findings and packs point to")
    assert stages[-1] == "files on disk"
    done(machine.codered("plan", "/run/report.json", "-o", "/run/plan.json"))
    done(machine.codered("apply", "/run/plan.json", "--yes"))
    assert machine.pids(intruder.DELETED) == []
    assert machine.pids(intruder.MEMORY_ONLY) == []
    assert scan(machine, 0)["verdict"] == "clean"
    back = done(machine.codered("rollback", "/run/plan.json", "--yes"))
    assert "can't be undone" in back.stderr
    assert take_snapshot(machine, _WATCHED) == before
