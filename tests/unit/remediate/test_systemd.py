from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.target import TargetInfo
from codered.remediate import systemd
from codered.remediate.systemd import UNIT, tell_systemd
from tests.fixtures.changing import FolderTarget


class WholeHost(FolderTarget):
    """A folder that says it is all of the running host."""

    @property
    def info(self) -> TargetInfo:
        return replace(super().info, kind="live_linux", root="/")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a stand-in for systemctl writes what it is told; systemd seems to run."""
    program, log = tmp_path / "systemctl", tmp_path / "log"
    program.write_text(f'#!/bin/sh\necho "$*" >> {log}\n')
    program.chmod(0o755)
    log.touch()
    monkeypatch.setattr(systemd, "PROGRAM", str(program))
    monkeypatch.setattr(systemd, "RUNNING", tmp_path)
    return log


def test_units_are_read_again_before_any_is_stopped(root: Path, log: Path) -> None:
    names = ("b.service", "a@1.timer", "-evil.service", "x@.service", "not a unit", "a\n.service", "y")
    assert tell_systemd(WholeHost(root), names) == ""
    assert log.read_text().splitlines() == ["daemon-reload", "stop -- a@1.timer", "stop -- b.service"]


def test_only_of_the_host_itself_under_systemd(
    root: Path, target: FolderTarget, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tell_systemd(target, ("b.service",)) == ""
    monkeypatch.setattr(systemd, "RUNNING", root / "none")
    assert tell_systemd(WholeHost(root), ("b.service",)) == ""
    assert log.read_text() == ""


def test_what_fails_is_a_note(root: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(systemd.PROGRAM).write_text('#!/bin/sh\nprintf "no\\033[2J way" >&2\nexit 5\n')
    assert tell_systemd(WholeHost(root)) == "systemctl daemon-reload failed: no\\x1b[2J way"
    Path(systemd.PROGRAM).write_text("#!/bin/sh\nexec sleep 30\n")
    monkeypatch.setattr(systemd, "_SECONDS", 0.1)
    assert "did not end within" in tell_systemd(WholeHost(root))
    monkeypatch.setattr(systemd, "PROGRAM", str(root / "none"))
    assert "No such file" in tell_systemd(WholeHost(root))


def test_names_of_units() -> None:
    assert all(UNIT.fullmatch(name) for name in ("a.service", "x@y.timer", "dev-sda\\x2d1.swap", "s.socket"))
    assert not any(UNIT.fullmatch(name) for name in ("a", "-a.service", "a/b.service", "a.conf", "a b.service"))
