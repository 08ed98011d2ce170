from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from codered.detect.windows_facts import WindowsFacts
from codered.model.paths import FilePath
from codered.model.persistence import Autostart
from tests.fixtures.autostart_roots import shipped_heuristics

OLD = datetime(2020, 1, 1, tzinfo=UTC)
ENTRY = Autostart(kind="run_key", path=FilePath("/h"), registry="HKLM\\x", value="y", changed=OLD)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("C:\\Windows\\Temp\\a.exe", {"win-in-temp"}),
        ("C:\\$Recycle.Bin\\S-1\\a.exe", {"win-in-recycler"}),
        ("D:\\RECYCLER\\a.exe", {"win-in-recycler"}),
        ("C:\\a.exe", {"win-in-drive-root"}),
        ("C:\\svchost.exe", {"win-in-drive-root", "win-imitates-system"}),
        ("C:\\Windows\\System32\\svchost.exe", set()),
        ("C:\\WINNT\\explorer.exe", set()),
        ("C:\\Windows\\System32\\cmd.exe", {"win-script-host"}),
        ("svchost.exe", set()),
        ("\\\\192.0.2.1\\s\\a.exe", {"win-in-share"}),
        ("C:\\Windows\\a.txt:b.exe", {"win-in-stream"}),
        ("http://192.0.2.1/x", set()),
        ("C:\\Users\\Public\\a.exe", {"win-in-public", "win-in-profile"}),
        ("C:\\ProgramData\\Vendor\\a.exe", set()),
        ("C:\\Inetpub\\scripts\\a.exe", {"win-in-web-root"}),
    ],
)
def test_what_a_name_means(name: str, facts: set[str]) -> None:
    finder = WindowsFacts(shipped_heuristics().heuristics, (), None)
    assert finder.find_of_name(name) == facts
    assert finder.find(replace(ENTRY, runs=(name,))) == facts | {"win-entry"}


def test_what_was_written_late_is_told_only_where_the_installation_is_known() -> None:
    new = replace(ENTRY, changed=OLD + timedelta(days=400))
    rules = shipped_heuristics().heuristics
    finder = WindowsFacts(rules, (ENTRY, new), OLD)
    assert "win-changed-late" in finder.find(new)
    assert "win-changed-late" not in finder.find(ENTRY)
    assert "win-changed-late" not in WindowsFacts(rules, (ENTRY, new), None).find(new)
    assert finder.is_odd_place("C:\\Windows\\Temp\\a.exe")
    assert not finder.is_odd_place("C:\\Windows\\System32\\cmd.exe")


def test_the_system_folder_may_be_called_otherwise() -> None:
    rules = shipped_heuristics().heuristics
    finder = WindowsFacts(rules, (), None, "C:\\Win[2]K")
    assert finder.find_of_name("C:\\win[2]k\\System32\\services.exe") == set()
    assert finder.find_of_name("D:\\WIN[2]K\\explorer.exe") == set()
    assert finder.find_of_name("C:\\WIN[2]K\\fonts\\x.exe") == {"win-in-temp"}
    assert finder.find_of_name("C:\\win2k\\system32\\services.exe") == {"win-imitates-system"}
    assert finder.find_of_name("C:\\WINNT\\system32\\services.exe") == {"win-imitates-system"}
    for bad in ("C:", "C:\\", "\\Windows", "*"):
        assert WindowsFacts(rules, (), None, bad).find_of_name("C:\\x\\system32\\lsass.exe") == {"win-imitates-system"}
