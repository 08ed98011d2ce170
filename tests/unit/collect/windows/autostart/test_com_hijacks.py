from pathlib import Path

from tests.fixtures.hive_files import Value
from tests.fixtures.windows_machines import PROGRAM, Laid, collect, judge

CLASS = "{00000000-0000-0000-0000-00000000ABCD}"
MACHINE: dict[str, dict[str, Value]] = {f"Classes\\CLSID\\{CLASS}\\InprocServer32": {"": "C:\\Windows\\x.dll"}}


def user(path: str) -> dict[str, dict[str, Value]]:
    return {f"Software\\Classes\\CLSID\\{CLASS}\\InprocServer32": {"": path}}


def test_a_class_that_shadows_one_of_the_machine(tmp_path: Path) -> None:
    files = {"Users/Administrator/AppData/Local/Temp/h.dll": PROGRAM}
    laid = Laid(MACHINE, user=user("C:\\Users\\Administrator\\AppData\\Local\\Temp\\h.dll"), files=files)
    finding = judge(tmp_path, laid)["windows-runs-from-temp"]
    assert (finding.confidence, finding.remedy) == ("likely", "delete_key")
    assert "than the machine" in finding.because


def test_a_users_own_class_is_usual(tmp_path: Path) -> None:
    laid = Laid(user=user("C:\\Users\\Administrator\\AppData\\Local\\Vendor\\v.dll"))
    (entry,) = (one for one in collect(tmp_path, laid) if one.kind == "com_hijack")
    assert "win-shadows" not in entry.facts
    (tmp_path / "b").mkdir()
    assert judge(tmp_path / "b", laid) == {}
