from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.collect.registry import open_registry
from codered.collect.windows import autostart
from codered.collect.windows.autostart import collect_windows_autostart, find_installed
from codered.detect.windows_autostart import judge_windows_autostart
from codered.model.allow_list import NOTHING_ALLOWED
from codered.model.persistence import Autostart
from tests.fixtures.autostart_roots import shipped_heuristics
from tests.fixtures.hive_files import Value, read_real
from tests.fixtures.windows_machines import NOW, Laid, collect, judge, lay_out
from tests.fixtures.windows_roots import Entries


def test_clean_systems_are_quiet(tmp_path: Path) -> None:
    for name, old in (("2000", True), ("2019", False)):
        (tmp_path / name).mkdir()
        assert judge(tmp_path / name, Laid(), old=old) == {}


def test_a_clean_system_in_another_folder_is_quiet(tmp_path: Path) -> None:
    current = "Microsoft\\Windows NT\\CurrentVersion"
    values: Entries = {
        current: {"CurrentVersion": "5.0", "CurrentBuildNumber": "2195", "SystemRoot": "C:\\WIN2K\\"},
        f"{current}\\Winlogon": {"Shell": "Explorer.exe", "Userinit": "C:\\WIN2K\\system32\\userinit.exe,"},
    }
    services: Entries = {"Services\\Eventlog": {"Start": 2, "ImagePath": "%SystemRoot%\\system32\\services.exe"}}
    target = lay_out(tmp_path, Laid(values, services), old=True)
    (tmp_path / "root/WINNT").rename(tmp_path / "root/WIN2K")
    seen = collect_windows_autostart(target, open_registry(target))
    assert seen.root == "C:\\WIN2K"
    assert any("win2k\\system32\\services.exe" in run.lower() for one in seen.entries for run in one.runs)
    assert judge_windows_autostart(seen, shipped_heuristics(), NOTHING_ALLOWED, NOW).findings == ()
    (tmp_path / "root/WIN2K").rename(tmp_path / "root/WINNT")  # a folder that is not there is not believed
    assert collect_windows_autostart(target, open_registry(target)).root == ""


def test_real_hives_are_quiet(tmp_path: Path) -> None:
    files = {"Windows/System32/config/system": read_real("SYSTEM-win7"),
             "Users/Administrator/NTUSER.DAT": read_real("NTUSER.DAT")}  # fmt: skip
    assert judge(tmp_path, Laid(files=files)) == {}


def test_all_services_of_a_real_hive_are_seen(tmp_path: Path) -> None:
    entries = collect(tmp_path, Laid(files={"Windows/System32/config/system": read_real("SYSTEM-win7")}))
    kinds = {entry.kind for entry in entries}
    assert {"service", "driver", "lsa", "boot_execute", "print_monitor", "winsock", "run_key", "winlogon"} <= kinds
    services = [entry for entry in entries if entry.kind in ("service", "driver")]
    assert len(services) > 800
    assert all(entry.changed is not None for entry in services)
    spooler = next(entry for entry in services if entry.entry == "Spooler")
    assert spooler.runs == ("C:\\Windows\\System32\\spoolsv.exe",)
    assert spooler.registry.startswith("HKLM\\SYSTEM\\ControlSet00")


def test_a_collector_that_gives_up_is_told_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(machine: autostart.WindowsMachine) -> Iterator[Autostart]:
        raise ValueError(machine.root)

    monkeypatch.setattr(autostart, "COLLECTORS", (("bad", fail), *autostart.COLLECTORS))
    target = lay_out(tmp_path, Laid())
    seen = collect_windows_autostart(target, open_registry(target))
    assert [item.why for item in seen.unread] == ["bad: gave up after 0 entries (ValueError)"]
    assert seen.entries


def test_installed(tmp_path: Path) -> None:
    values: dict[str, Value] = {"InstallDate": 1_600_000_000, "SystemRoot": "C:\\Windows"}
    current: Entries = {"Microsoft\\Windows NT\\CurrentVersion": values}
    installed = find_installed(open_registry(lay_out(tmp_path, Laid(software=current))))
    assert installed is not None
    assert installed.year == 2020
