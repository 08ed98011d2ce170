from pathlib import Path

from tests.fixtures.hive_files import Value
from tests.fixtures.windows_machines import Laid, collect, judge
from tests.fixtures.windows_roots import Entries


def share(path: str, kind: str = "0") -> Value:
    return ["CSCFlags=0", "MaxUses=4294967295", f"Path={path}", "Permissions=0", f"Type={kind}"]


def test_the_drive_of_the_system_given_away(tmp_path: Path) -> None:
    key = "Services\\LanmanServer\\Shares"
    system: Entries = {key: {"c": share("C:\\"), "data": share("C:\\data"), "prn": share("X,LocalsplOnly", "1")}}
    entries = [one for one in collect(tmp_path, Laid(system=system)) if one.kind == "share"]
    assert {(one.entry, one.command) for one in entries} == {("c", "C:\\"), ("data", "C:\\data")}
    (tmp_path / "b").mkdir()
    found = judge(tmp_path / "b", Laid(system=system))
    assert set(found) == {"windows-share-of-system"}
    assert found["windows-share-of-system"].remedy == "delete_value"
    assert found["windows-share-of-system"].subject.value == "c"
