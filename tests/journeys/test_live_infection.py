"""An infected machine, from the first look to the proof and back: what runs, what starts by itself, who may come in."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures import intruder
from tests.fixtures.machines import Machine, running_machine

Snapshot = dict[str, tuple[object, ...]]
_WATCHED = ("etc", "root", "var/www", "opt/agent", "tmp", "var/spool/cron")


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with running_machine() as made:
        yield made


def take_snapshot(machine: Machine) -> Snapshot:
    """Every file, folder and link of the watched places: kind, mode, owner, time and content."""
    found: Snapshot = {}
    for place in _WATCHED:
        for path in sorted((machine.root / place).rglob("*")):
            seen = path.lstat()
            content: object = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
            name = str(path.relative_to(machine.root))
            found[name] = (seen.st_mode, seen.st_uid, seen.st_gid, seen.st_mtime_ns, content)
    return found


def scan(machine: Machine, code: int, *words: str) -> dict[str, list[dict[str, object]]]:
    """The report; the exit code must be the one given."""
    answer = machine.codered("scan", "--json", "-o", "/run/report.json", *words)
    assert answer.returncode == code, answer.stdout[-3000:] + answer.stderr[-3000:]
    report: dict[str, list[dict[str, object]]] = json.loads(answer.stdout)
    return report


def done(answer: "subprocess.CompletedProcess[str]") -> "subprocess.CompletedProcess[str]":
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return answer


def test_found_removed_clean_and_rolled_back(machine: Machine) -> None:
    assert scan(machine, 0)["verdict"] == "clean"
    intruder.infect(machine)
    before = take_snapshot(machine)
    report = scan(machine, 1)
    named = {(f["layer"], f["subject"].get("path"), f["subject"].get("key")) for f in report["findings"]}  # type: ignore[attr-defined]
    print(json.dumps(sorted(map(str, named)), indent=1))
    done(machine.codered("plan", "/run/report.json", "-o", "/run/plan.json"))
    done(machine.codered("apply", "/run/plan.json", "--yes"))
    assert machine.pids(intruder.DELETED) == []
    assert machine.pids(intruder.MEMORY_ONLY) == []
    assert scan(machine, 0)["verdict"] == "clean"
    back = done(machine.codered("rollback", "/run/plan.json", "--yes"))
    assert "can't be undone" in back.stderr
    assert take_snapshot(machine) == before
    assert Path("/proc/self").exists()
