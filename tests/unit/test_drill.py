import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from codered import drill
from codered.drill import HostDrill, digest_tree, hash_tree
from codered.packs.loading import find_packs_folder, load_pack
from tests.fixtures.volumes import SHOWN

HITS = {shown.replace(":", "").replace("\\", "/") for shown in SHOWN}


@pytest.fixture
def host(tmp_path: Path) -> HostDrill:
    return HostDrill(load_pack(find_packs_folder() / "codered2"), tmp_path)


class StandIn:
    """Stands in for `codered`: does to the volume what a word must do, or what a test wants instead."""

    def __init__(self, host: HostDrill, monkeypatch: pytest.MonkeyPatch) -> None:
        self.host = host
        self.kept: dict[Path, tuple[bytes, os.stat_result]] = {}
        self.found = set(HITS)
        self.verdict = "infected"
        self.codes = {"scan": 1}
        self.damage: dict[str, str] = {}
        self.said: list[list[str]] = []
        monkeypatch.setattr(subprocess, "run", self.run)

    def run(self, command: list[str], env: dict[str, str], **_: Any) -> SimpleNamespace:
        words = command[command.index("codered") + 1 :]
        self.said.append(words)
        assert env["CODERED_STATE"].startswith(str(self.host.volume.parent))
        getattr(self, words[0])()
        if words[0] in self.damage:
            (self.host.volume / self.damage[words[0]]).write_bytes(b"damaged")
        return SimpleNamespace(stdout=b"out \xff", stderr=b"err", returncode=self.codes.get(words[0], 0))

    def scan(self) -> None:
        findings = [
            {"id": path, "pack": "p", "indicator": "i", "layer": "files", "confidence": "likely", "severity": "high",
             "because": "b", "subject": {"kind": "file", "path": str(self.host.volume / path)}}
            for path in self.found
        ]  # fmt: skip
        report = {"format": "codered/report/1", "id": "r", "tool": "t", "command": [], "seconds": 0, "scope": [],
                  "started": "2001-07-19T00:00:00Z", "target": {"kind": "offline_root", "root": "/"},
                  "verdict": self.verdict, "findings": findings}  # fmt: skip
        (self.host.volume.parent / "report.json").write_bytes(msgspec.json.encode(report))

    def plan(self) -> None:
        actions = [{"path": {"text": str(self.host.volume / path)}} for path in HITS]
        (self.host.volume.parent / "plan.json").write_bytes(msgspec.json.encode({"actions": actions}))

    def apply(self) -> None:
        for path in (self.host.volume / path for path in HITS):
            self.kept[path] = (path.read_bytes(), path.stat())
            path.unlink()

    def verify(self) -> None:
        pass

    def rollback(self) -> None:
        for path, (body, status) in self.kept.items():
            path.write_bytes(body)
            path.chmod(status.st_mode)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
            folder = path.parent
            os.utime(folder, ns=(self.folders[folder], self.folders[folder]))

    @property
    def folders(self) -> dict[Path, int]:
        return self.times

    times: dict[Path, int]


@pytest.fixture
def stand_in(host: HostDrill, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = StandIn(host, monkeypatch)
    build = host.build

    def build_and_note() -> None:
        build()
        made.times = {path: path.stat().st_mtime_ns for path in host.volume.rglob("*") if path.is_dir()}

    monkeypatch.setattr(host, "build", build_and_note)
    return made


def test_the_volume_holds_hits_look_alikes_a_log_and_pages(host: HostDrill) -> None:
    host.build()
    there = hash_tree(host.volume)
    assert there.keys() >= HITS
    assert "C/WINNT/system32/LogFiles/W3SVC1/ex010805.log" in there
    assert sum("pages/page" in path for path in there) == drill.FILLER
    examples = find_packs_folder() / "codered2/examples/clean"
    assert list(examples.glob("*.tree.yaml")), "look-alikes to be told apart"
    assert len({path.lower() for path in there}) == len(there), "no two names of one Windows file"


def test_a_drill_in_which_all_is_as_it_must_be(host: HostDrill, stand_in: StandIn) -> None:
    steps = list(host.run())
    assert [step.problem for step in steps] == [""] * 7
    assert [words[0] for words in stand_in.said] == [
        "scan", "plan", "apply", "verify", "rollback", "apply", "verify",
    ]  # fmt: skip
    assert steps[0].command == f"codered scan --root {host.volume} -o {host.volume.parent}/report.json"
    assert (steps[0].exit_code, steps[0].shown) == (1, "out \ufffderr")


@pytest.mark.parametrize("word", ["scan", "plan", "apply", "verify", "rollback"])
def test_a_wrong_exit_code_ends_it(host: HostDrill, stand_in: StandIn, word: str) -> None:
    stand_in.codes[word] = 70
    last = list(host.run())[-1]
    assert (last.command.split()[1], last.exit_code) == (word, 70)
    assert last.problem == f"exit code 70, must be {1 if word == 'scan' else 0}"


@pytest.mark.parametrize("word", ["plan", "apply", "rollback"])
def test_a_file_that_nobody_may_touch_ends_it(host: HostDrill, stand_in: StandIn, word: str) -> None:
    stand_in.damage[word] = "C/WINNT/explorer.exe"
    last = list(host.run())[-1]
    assert last.command.split()[1] == word
    assert last.problem == "changed, and must not be: C/WINNT/explorer.exe"


def test_what_was_not_removed_ends_it(host: HostDrill, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand_in, "apply", (host.volume / "C/explorer.exe").unlink)
    last = list(host.run())[-1]
    assert last.title == "Apply"
    assert last.problem.startswith("not removed: C/Inetpub/Scripts/Root.exe")


def test_what_was_removed_too_much_ends_it(host: HostDrill, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = stand_in.apply

    def apply_too_much() -> None:
        apply()
        (host.volume / "C/WINNT/explorer.exe").unlink()

    monkeypatch.setattr(stand_in, "apply", apply_too_much)
    assert list(host.run())[-1].problem == "removed, and must not be: C/WINNT/explorer.exe"


def test_what_was_found_too_much_or_not_ends_it(host: HostDrill, stand_in: StandIn) -> None:
    stand_in.found = (HITS - {"C/explorer.exe"}) | {"C/WINNT/explorer.exe"}
    (step,) = host.run()
    assert step.problem == "not found: C/explorer.exe; found, and must not be: C/WINNT/explorer.exe"


def test_another_verdict_ends_it(host: HostDrill, stand_in: StandIn) -> None:
    stand_in.verdict = "suspicious"
    (step,) = host.run()
    assert step.problem == "the verdict is suspicious, must be infected"


def test_a_command_without_an_end_ends_it(host: HostDrill, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    (step,) = host.run()
    assert (step.exit_code, step.problem) == (70, "no end after 60 s")


def test_a_tree_hash_sees_every_change(tmp_path: Path) -> None:
    path = tmp_path / "d/x"
    path.parent.mkdir()
    path.write_bytes(b"one")
    os.symlink("x", tmp_path / "d/link")
    seen = {digest_tree(tmp_path)}
    assert set(hash_tree(tmp_path)) == {"d/", "d/x", "d/link"}

    def changed() -> bool:
        seen.add(digest_tree(tmp_path))
        return len(seen) == changes

    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    changes = 2
    path.write_bytes(b"two")
    os.utime(path, ns=times)
    assert changed(), "content"
    changes += 1
    path.chmod(0o600)
    assert changed(), "mode"
    changes += 1
    os.utime(path, ns=(times[0], times[1] + 1))
    assert changed(), "time"
    changes += 1
    path.rename(tmp_path / "d/y")
    assert changed(), "name"
    changes += 1
    os.setxattr(tmp_path / "d/y", "user.note", b"a")
    assert changed(), "attribute"
