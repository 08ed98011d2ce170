import os
from collections.abc import Iterator

import pytest

from codered.cli.running import load_rules
from codered.collect.windows.process_memory import MemoryPiece, MemorySummary
from codered.model.process import ProcessId
from codered.scan import windows_memory_scan
from codered.scan.tasks import MemoryTask
from codered.scan.windows_memory_scan import OURSELVES, WindowsMemoryScanner
from codered.system.windows_processes import Committed

MARKER = b"CodeRedII\0:\\inetpub\\scripts\\root.exe\0\\cmd.exe\0"
TASK = MemoryTask(1, 5, 126_404_928_000_000_000, "inetinfo.exe")


class Memory:
    """A process with the marker at 0x2010."""

    trouble: OSError | None = None

    def __init__(self, _process: ProcessId, _seconds: float) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.summary = MemorySummary(bytes=100, regions=1, unreadable=1)

    def __enter__(self) -> "Memory":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def pieces(self) -> Iterator[MemoryPiece]:
        yield MemoryPiece(0x2000, bytes(16) + MARKER, Committed(0x2000, 0x1000, 0x40, True))


@pytest.fixture
def scanner(monkeypatch: pytest.MonkeyPatch) -> WindowsMemoryScanner:
    monkeypatch.setattr(windows_memory_scan, "WindowsProcessMemory", Memory)
    monkeypatch.setattr(Memory, "trouble", None)
    return WindowsMemoryScanner(load_rules(("codered2",)))


def test_signs_are_told_with_process_place_and_rights(scanner: WindowsMemoryScanner) -> None:
    done = scanner.scan(TASK)
    (finding,) = [one for one in done.findings if one.indicator == "worm-in-memory"]
    assert (finding.subject.pid, finding.subject.start, finding.subject.key) == (5, TASK.start, "inetinfo.exe")
    assert finding.subject.address == "0x2010"
    assert "2000-3000 rwxp" in finding.evidence[0].what
    assert finding.first_seen is not None
    assert finding.first_seen.year == 2001
    assert [(item.state, item.why) for item in done.counted] == [
        ("looked", ""),
        ("failed", "1 pieces could not be read"),
    ]


@pytest.mark.parametrize(
    ("trouble", "state"), [(ProcessLookupError(5), "skipped"), (PermissionError(13, "Access denied"), "failed")]
)
def test_what_can_not_be_read_is_said(
    scanner: WindowsMemoryScanner, monkeypatch: pytest.MonkeyPatch, trouble: OSError, state: str
) -> None:
    monkeypatch.setattr(Memory, "trouble", trouble)
    done = scanner.scan(TASK)
    assert [item.state for item in done.counted] == [state]
    assert done.findings == []


def test_the_scan_itself_is_passed_over(scanner: WindowsMemoryScanner) -> None:
    (item,) = scanner.scan(MemoryTask(1, os.getpid(), 0, "codered.exe")).counted
    assert (item.state, item.why) == ("skipped", OURSELVES)
