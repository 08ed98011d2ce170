import os
from pathlib import Path

import pytest

from codered.cli.running import load_rules
from codered.collect.windows.processes import NamedObject
from codered.model.paths import FilePath
from codered.model.process import Executable, ProcessesSeen, ProcessId, ProcessSeen, UnreadProcess
from codered.scan import live_windows_worker
from codered.scan.live_windows_worker import LiveWindowsWorker
from codered.scan.request import ScanRequest
from codered.scan.tasks import LiveTask, MemoryTask
from codered.scan.windows_memory_scan import OURSELVES
from codered.targets.live_windows import LiveWindows


def run(pid: int, path: str) -> ProcessSeen:
    return ProcessSeen(
        id=ProcessId(pid, 9), parent=1, name=path.rpartition("\\")[2], exe=Executable(path=FilePath(path))
    )


@pytest.fixture
def worker(tmp_path: Path) -> LiveWindowsWorker:
    target = LiveWindows(drives={"C": str(tmp_path)})
    return LiveWindowsWorker(target, load_rules(("codered2",)), ScanRequest(places=()))


def test_processes_and_objects_become_findings_and_looks(
    worker: LiveWindowsWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = ProcessesSeen(
        processes=(run(5, "C:\\explorer.exe"), run(6, "C:\\WINNT\\explorer.exe"), run(os.getpid(), "C:\\explorer.exe")),
        unread=(UnreadProcess("process 6 (x)", "not readable: its command line"),),
    )
    monkeypatch.setattr(live_windows_worker, "collect_windows_processes", lambda: seen)
    monkeypatch.setattr(live_windows_worker, "find_objects", lambda _names: (NamedObject("atom", "CodeRedII"),))
    monkeypatch.setattr(live_windows_worker, "list_other_drives", lambda: ("E: (removable)", "F: (of the network)"))
    done = worker.serve(LiveTask(1, "processes"))
    assert [item.example for item in done.counted if (item.layer, item.state) == ("files", "skipped")] == [
        "E: (removable)", "F: (of the network)",
    ]  # fmt: skip
    assert {(one.indicator, one.subject.pid) for one in done.findings} == {("explorer-process", 5), ("atom", None)}
    assert [(one.pid, one.suspect) for one in done.processes] == [(5, True), (6, False)]
    assert done.leads == [b"C:\\explorer.exe"]
    assert [(item.why, item.example) for item in done.counted if item.state == "failed"] == [
        ("not readable: its command line", "process 6 (x)")
    ]


def test_processes_that_can_not_be_listed_are_a_gap(worker: LiveWindowsWorker) -> None:
    (item,) = worker.serve(LiveTask(1, "processes")).counted  # this is no Windows
    assert item.state == "failed"
    assert "on Windows only" in item.why


def test_its_own_memory_is_passed_over(worker: LiveWindowsWorker) -> None:
    (item,) = worker.serve(MemoryTask(2, os.getpid(), 0, "codered.exe")).counted
    assert item.why == OURSELVES
