import json
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.evidence.reading import read_item
from codered.model.evidence import EvidenceManifest
from codered.scan import evidence_state
from codered.scan.evidence_state import collect_state
from codered.targets import open_target
from codered.targets.rooted import RootedTarget
from tests.fixtures.evidence import open_container, read_manifest

HASH = "$6$inert$hash"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "etc/cron.d").mkdir(parents=True)
    (folder / "etc/passwd").write_text(f"root:{HASH}:0:0:root:/root:/bin/sh\n")
    (folder / "etc/shadow").write_text(f"root:{HASH}:19000::::::\n")
    (folder / "etc/cron.d/x").write_text("* * * * * root /usr/local/bin/inert\n")
    (folder / "root/.ssh").mkdir(parents=True)
    (folder / "root/.ssh/authorized_keys").write_text("ssh-ed25519 AAAA inert\n")
    (folder / "var/lib/dpkg/info").mkdir(parents=True)
    (folder / "var/lib/dpkg/status").write_text("Package: x\nStatus: install ok installed\nVersion: 1\n")
    return folder


def collect(root: Path, tmp_path: Path, *, running: bool = False) -> tuple[Path, EvidenceManifest]:
    info = open_target(str(root)).info
    offers = ("autostart", "accounts", "processes") if running else ("autostart", "accounts")
    container = open_container(tmp_path, budget=64 << 20)
    collect_state(container, RootedTarget(replace(info, offers=offers)))
    folder = Path(container.finish().folder)
    return folder, read_manifest(folder)


def test_the_state_of_a_volume_is_kept_without_hashes(root: Path, tmp_path: Path) -> None:
    folder, manifest = collect(root, tmp_path)
    bodies = {item.origin.source: read_item(folder, item) for item in manifest.items}
    assert not any(HASH.encode() in body for body in bodies.values())
    commands = [entry["command"] for entry in json.loads(bodies["what starts by itself"]) if "command" in entry]
    assert "/usr/local/bin/inert" in " ".join(commands)
    (account,) = json.loads(bodies["accounts, no hashes"])
    assert (account["name"], account["text"]) == ("root", "")
    assert len(json.loads(bodies["keys that open them"])) == 1
    assert [item.origin.path.text for item in manifest.items if item.origin.path] == [f"{root}/var/lib/dpkg/status"]


def test_the_firewall_is_asked_without_a_shell(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = tmp_path / "sbin"
    programs.mkdir()
    for name, text in (("nft", 'echo "$# $1 $2"'), ("iptables-save", "echo no >&2; exit 3")):
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setattr(evidence_state, "_FOLDERS", (str(programs),))
    folder, manifest = collect(root, tmp_path, running=True)
    kept = {item.origin.kind: read_item(folder, item) for item in manifest.items}
    assert kept["firewall"] == b"2 list ruleset\n"
    assert b" / " in kept["mounts"]
    assert any("it ended with 3: no" in left.because for left in manifest.left_out)


def test_a_machine_without_a_firewall_program_says_so(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_state, "_FOLDERS", (os.fspath(tmp_path),))
    _, manifest = collect(root, tmp_path, running=True)
    assert "neither nft nor iptables-save is on this machine" in {left.because for left in manifest.left_out}
