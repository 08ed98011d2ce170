"""What is decided about processes of Windows, with a Windows that is only told of; tests/windows has a real one's."""

import os
from typing import ClassVar

import pytest
from msgspec.structs import replace

from codered.model.plan import ProcessState
from codered.remediate import windows_processes
from codered.remediate.file_state import ChangeFailed
from codered.system.windows_processes import Listed

START, WORM, OTHER = 133_000_000_000_000_000, 500, 600
PROGRAMS = {
    WORM: "C:\\explorer.exe", OTHER: "C:\\Windows\\explorer.exe", 700: "C:\\Windows\\System32\\lsass.exe",
    710: "D:\\system32\\lsass.exe", 720: "",
}  # fmt: skip


class ToldProcess:
    """One of a Windows that is not there."""

    stops: ClassVar[dict[int, int]] = {}
    ended: ClassVar[set[int]] = set()

    def __init__(self, pid: int, *, change: bool = False) -> None:
        if pid not in PROGRAMS:
            error = OSError(22, f"no such process {change}")
            error.winerror = 87  # type: ignore[attr-defined]
            raise error
        self.pid = pid

    def __enter__(self) -> "ToldProcess":
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is held."""

    def started(self) -> int:
        return START + self.pid

    def has_ended(self, _seconds: float = 0) -> bool:
        return self.pid in self.ended

    def suspend(self) -> None:
        self.stops[self.pid] = self.stops.get(self.pid, 0) + 1

    def resume(self) -> None:
        self.stops[self.pid] -= 1

    def is_suspended(self) -> bool:
        return self.stops.get(self.pid, 0) > 0

    def terminate(self) -> None:
        self.ended.add(self.pid)


def name_program(pid: int) -> str:
    if not PROGRAMS[pid]:
        raise PermissionError(13, "not ours")
    return PROGRAMS[pid]


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [Listed(pid, 4, 1, (path or "x\\csrss.exe").rpartition("\\")[2]) for pid, path in PROGRAMS.items()]
    listed.append(Listed(os.getpid(), OTHER, 1, "python.exe"))
    monkeypatch.setattr(windows_processes, "ControlledProcess", ToldProcess)
    monkeypatch.setattr(windows_processes, "list_processes", lambda: listed)
    monkeypatch.setattr(windows_processes, "read_boot_time", lambda: 0xABC)
    monkeypatch.setattr(windows_processes, "name_program", name_program)
    monkeypatch.setattr(windows_processes, "hash_exe", lambda _: "0" * 64)
    monkeypatch.setattr(ToldProcess, "stops", {})
    monkeypatch.setattr(ToldProcess, "ended", set())


def test_a_name_alone_protects_nobody() -> None:
    told = {pid: windows_processes.explain_protected(pid) for pid in (0, 4, os.getpid(), *PROGRAMS)}
    assert told[0] == told[4] == "it is Windows itself"
    assert told[os.getpid()] == told[OTHER] == "it runs this tool"
    assert "start Windows anew" in told[700]
    assert "start Windows anew" in told[720]  # what it runs can't be told
    assert told[WORM] == told[710] == ""


def test_held_once_let_go_and_ended() -> None:
    state = windows_processes.read_process(WORM, START + WORM)
    assert state == ProcessState(
        pid=WORM, start=START + WORM, boot="windows-abc", state="running", sha256="0" * 64, command=state.command
    )
    assert windows_processes.hold_process(state)
    assert windows_processes.hold_process(state)
    assert ToldProcess.stops == {WORM: 1}
    assert windows_processes.is_stopped(state)
    assert not windows_processes.release_process(state, wake=False)
    assert windows_processes.release_process(state)
    assert ToldProcess.stops == {WORM: 0}
    windows_processes.end_process(state)
    assert windows_processes.is_gone(state)
    assert windows_processes.look_again(state).state == "gone"
    assert not windows_processes.hold_process(state)


def test_another_of_the_same_pid_is_not_touched() -> None:
    state = windows_processes.read_process(WORM, START + WORM)
    for other in (replace(state, start=1), replace(state, boot="windows-1"), replace(state, pid=999)):
        assert windows_processes.is_gone(other)
        assert not windows_processes.hold_process(other)
        windows_processes.end_process(other)
    assert (ToldProcess.stops, ToldProcess.ended) == ({}, set())
    with pytest.raises(ChangeFailed, match="start Windows anew"):
        windows_processes.end_process(windows_processes.read_process(700, START + 700))
