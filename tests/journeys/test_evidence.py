"""The evidence of an infected machine: collected before the clean-up, whole after it, and no find of the next scan."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.evidence.reading import read_item
from codered.evidence.standalone_verifier import verify_container
from codered.model.evidence import EvidenceItem, EvidenceManifest
from tests.fixtures import intruder
from tests.fixtures.agreeing_packages import accept_packages
from tests.fixtures.evidence import read_manifest
from tests.fixtures.machines import Machine, running_machine


@pytest.fixture(scope="module")
def machine(compiled_rules: Path) -> Iterator[Machine]:
    with running_machine(compiled_rules) as made:
        accept_packages(made)
        intruder.infect(made)
        yield made


def find(manifest: EvidenceManifest, kind: str) -> list[EvidenceItem]:
    return [item for item in manifest.items if item.origin.kind == kind]


def test_what_a_clean_up_destroys_is_kept_before(machine: Machine) -> None:
    assert machine.codered("scan", "-o", "/run/report.json").returncode == 1
    assert machine.codered("plan", "/run/report.json", "-o", "/run/plan.json").returncode == 0
    words = ("--plan", "/run/plan.json", "--report", "/run/report.json", "--by", "anna", "-o", "/root/evidence")
    answer = machine.codered("evidence", "collect", "--json", *words)
    assert answer.returncode == 0, answer.stderr
    summary = json.loads(answer.stdout)
    machine.codered("apply", "/run/plan.json", "--yes")
    found = json.loads(machine.codered("scan", "--json").stdout).get("findings", ())
    assert [one for one in found if str(one["subject"].get("path")).startswith(summary["folder"])] == []

    folder = Path(f"{machine.root}{summary['folder']}")
    assert verify_container(str(folder), head=summary["head"]).problems == []
    manifest = read_manifest(folder)
    programs = [read_item(folder, item) for item in find(manifest, "program")]
    assert (machine.root / "bin/sleep").read_bytes() in programs  # its file was gone from the disk
    assert any(b"INERT \0CodeRedII\0" in read_item(folder, item) for item in find(manifest, "memory"))
    paths = {item.origin.path.text for item in find(manifest, "file") if item.origin.path}
    assert {"/etc/cron.d/apache-check", "/etc/ld.so.preload", "/etc/libsystem.so"} <= paths
    assert "/etc/shadow" not in paths
    assert not any(b"$6$inert$inert" in read_item(folder, item) for item in find(manifest, "accounts"))
