from pathlib import Path

import pytest

from codered.collect.registry import open_registry
from codered.collect.windows.system import find_version, identify_windows, system_folders
from codered.model.windows import WindowsSystem
from codered.targets import open_target
from tests.fixtures.hive_files import Value
from tests.fixtures.windows_roots import CURRENT, lay_out_server2019, lay_out_windows2000, make_versioned, write

OPTIONS = "Control\\ProductOptions"


def identify(root: Path) -> WindowsSystem:
    target = open_target(str(root))
    return identify_windows(target, open_registry(target))


def test_a_windows_2000_server(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    found = identify(tmp_path)
    assert found == WindowsSystem(
        platform="windows2000", name="Microsoft Windows 2000", build="2195", service_pack=2, host="TESTHOST",
        root="C:\\WINNT", iis="5.0",
    )  # fmt: skip
    assert found.describe() == "Microsoft Windows 2000 Service Pack 2, build 2195, IIS 5.0, host TESTHOST"
    assert system_folders(found) == ("C:\\WINNT", "?:\\winnt", "?:\\windows")


def test_a_server_2019(tmp_path: Path) -> None:
    lay_out_server2019(tmp_path)
    found = identify(tmp_path)
    assert (found.platform, found.build, found.service_pack) == ("windows-server-2019", "17763", 0)
    assert (found.name, found.iis) == ("Windows Server 2019 Standard", "10.0")


@pytest.mark.parametrize(
    ("software", "system", "platform"),
    [
        ({"CurrentVersion": "4.0", "CurrentBuildNumber": "1381"}, {"ProductType": "ServerNT"}, "nt4"),
        ({"CurrentVersion": "4.0", "CurrentBuildNumber": "1381"}, {"ProductType": "WinNT"}, "nt4"),
        (
            {"CurrentVersion": "4.0", "CurrentBuildNumber": "1381"},
            {"ProductType": "ServerNT", "ProductSuite": ["Terminal Server"]},
            "nt4-terminal-server",
        ),
        ({"CurrentVersion": "5.0"}, {"ProductType": "WinNT"}, "windows2000"),
        ({"CurrentVersion": "5.1", "CurrentBuildNumber": "2600"}, {"ProductType": "WinNT"}, "windows-xp"),
        ({"CurrentVersion": "5.2", "CurrentBuildNumber": "3790"}, {"ProductType": "ServerNT"}, "windows-server-2003"),
        ({"CurrentVersion": "5.2", "CurrentBuildNumber": "3790"}, {"ProductType": "WinNT"}, "windows-xp"),
        ({"CurrentVersion": "6.1"}, {"ProductType": "LanmanNT"}, "windows-server-2008-r2"),
        ({"CurrentVersion": "6.1"}, {}, "windows"),  # 7 or 2008 R2
        ({"CurrentVersion": "6.3", "CurrentBuildNumber": "22631"}, {"ProductType": "WinNT"}, "windows11"),
        ({"CurrentVersion": "6.3", "CurrentBuildNumber": "19045"}, {"ProductType": "WinNT"}, "windows10"),
        (
            {"CurrentVersion": "6.3", "CurrentBuildNumber": "9600"},
            {"ProductType": "ServerNT"},
            "windows-server-2012-r2",
        ),
        ({"CurrentVersion": "99.9"}, {"ProductType": "ServerNT"}, "windows"),
        ({"CurrentVersion": "5.0", "CurrentBuildNumber": "9" * 40}, {}, "windows2000"),
    ],
)
def test_platforms(tmp_path: Path, software: dict[str, Value], system: dict[str, Value], platform: str) -> None:
    given: dict[str, Value] = {"CurrentBuildNumber": "1", "ProductName": "", **software}
    lay_out_windows2000(tmp_path, {CURRENT: given}, {OPTIONS: system})
    assert identify(tmp_path).platform == platform


def test_without_software_the_kernel_says_it(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    write(tmp_path, "WINNT/system32/ntoskrnl.exe", make_versioned((5, 0, 2195, 2779)))
    write(tmp_path, "WINNT/system32/config/software", b"regf" + bytes(4092))
    found = identify(tmp_path)
    assert (found.platform, found.name, found.build) == ("windows2000", "Windows 2000", "2195")
    assert found.service_pack is None
    assert found.iis == "5.0"


def test_what_is_not_known_stays_so(tmp_path: Path) -> None:
    write(tmp_path, "inetpub/wwwroot/x.htm", b"x")
    assert identify(tmp_path) == WindowsSystem()
    assert identify(tmp_path).describe() == "Windows"


def test_windows_95_98_and_me(tmp_path: Path) -> None:
    write(tmp_path, "WINDOWS/SYSTEM.DAT", b"CREG")
    write(tmp_path, "IO.SYS", b"x")
    assert identify(tmp_path).platform == "windows-9x"


def test_names_from_the_registry_are_one_printable_line(tmp_path: Path) -> None:
    computer: dict[str, dict[str, Value]] = {
        "Control\\ComputerName\\ComputerName": {"ComputerName": "A\nB\x1b" + "x" * 500}
    }
    lay_out_windows2000(tmp_path, system=computer)
    host = identify(tmp_path).host
    assert host.startswith("A\\nB\\x1bxxx")
    assert len(host) < 140


def test_no_row_of_the_table_hides_another() -> None:
    assert find_version("10.0", "17762") != find_version("10.0", "17763")
    assert find_version("10.0", "26100") == find_version("6.3", "26100")
    assert find_version("", "") is None
