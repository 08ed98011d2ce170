from pathlib import Path

from codered.collect.registry import open_registry
from codered.model.windows import WindowsSystem
from codered.scan.request import ScanRequest
from codered.scan.windows_persistence import Windows, look_at_windows_accounts, look_at_windows_autostart
from tests.fixtures.autostart_roots import shipped_heuristics
from tests.fixtures.windows_machines import PROGRAM, SAM_FILE, Laid, lay_out, write_sam

RUN = "Microsoft\\Windows\\CurrentVersion\\Run"


def look(folder: Path, laid: Laid) -> Windows:
    target = lay_out(folder, laid)
    return Windows(target, open_registry(target), WindowsSystem(platform="windows", root="C:\\Windows"))


def test_autostart_points_to_what_it_runs(tmp_path: Path) -> None:
    laid = Laid({RUN: {"x": "C:\\svchost.exe"}}, files={"svchost.exe": PROGRAM, "Windows/System32/Tasks/bad": b"<"})
    windows = look(tmp_path, laid)
    done = look_at_windows_autostart(7, windows, shipped_heuristics(), ScanRequest(places=()))
    assert (done.number, [one.indicator for one in done.findings]) == (7, ["windows-imitates"])
    assert windows.target.absolute(b"svchost.exe") in done.leads
    assert [item.state for item in done.counted if item.why] == ["failed"]


def test_accounts_and_logs_are_counted(tmp_path: Path) -> None:
    sam = write_sam({501: ("Guest", 501, 0x210)}, (501,))
    done = look_at_windows_accounts(8, look(tmp_path, Laid(files={SAM_FILE: sam})), shipped_heuristics())
    assert [one.indicator for one in done.findings] == ["windows-guest-admin"]
    assert [(item.layer, item.count) for item in done.counted] == [("accounts", 1), ("logs", 0)]


def test_a_sam_that_cannot_be_read_is_a_gap(tmp_path: Path) -> None:
    windows = look(tmp_path, Laid())
    (tmp_path / "root" / SAM_FILE).unlink()
    again = windows._replace(registry=open_registry(windows.target))
    done = look_at_windows_accounts(9, again, shipped_heuristics())
    assert done.counted[0].state == "failed"
