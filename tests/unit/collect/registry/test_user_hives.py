"""Users' hives: by the list of profiles, and every profile that it does not name."""

from pathlib import Path

from codered.collect.registry import open_registry
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.hive_files import Value, key_of, write_hive
from tests.fixtures.windows_roots import CURRENT, lay_out_windows2000, write

LIST = f"{CURRENT}\\ProfileList"
CLASSES = {"old": "Local Settings/Application Data/Microsoft/Windows/UsrClass.dat",
           "new": "AppData/Local/Microsoft/Windows/UsrClass.dat"}  # fmt: skip


def hive(text: str) -> bytes:
    return write_hive(key_of({"Software\\Who": {"": text}}))


def lay_out(root: Path, profiles: dict[str, Value]) -> OfflineRoot:
    lay_out_windows2000(root, {f"{LIST}\\{sid}": {"ProfileImagePath": path} for sid, path in profiles.items()})
    return OfflineRoot(str(root))


def test_listed_and_unlisted(tmp_path: Path) -> None:
    expand: Value = (2, "%SystemDrive%\\Documents and Settings\\Administrator\0".encode("utf-16-le"))
    target = lay_out(tmp_path, {
        "S-1-5-21-1-500": expand, "S-1-5-21-1-1000": "%SYSTEMROOT%\\Profiles\\nt4", "S-1-5-21-2": "%HOME%\\x",
        "S-1-5-21-3": "E:\\far", "S-1-5-21-4": "C:\\Documents and Settings\\gone", "S-1-5-21-5": "..\\..\\etc",
    })  # fmt: skip
    base = "Documents and Settings"
    write(tmp_path, f"{base}/Administrator/ntuser.dat", hive("admin"))
    write(tmp_path, f"{base}/Administrator/{CLASSES['old']}", write_hive(key_of({"exefile": {}})))
    write(tmp_path, "WINNT/Profiles/nt4/NTUSER.DAT", hive("nt4"))
    write(tmp_path, f"{base}/Default User/NTUSER.DAT", hive("template"))
    write(tmp_path, f"{base}/Default User/{CLASSES['new']}", write_hive(key_of({"y": {}})))
    write(tmp_path, "Users/Default User/NTUSER.DAT", b"no hive")
    registry = open_registry(target)
    roots = {seen.root: seen.state for seen in registry.hives if seen.root.startswith("HKU")}
    assert roots == {
        "HKU\\.DEFAULT": "clean", "HKU\\S-1-5-21-1-500": "clean", "HKU\\S-1-5-21-1-500_Classes": "clean",
        "HKU\\S-1-5-21-1-1000": "clean", "HKU\\Default User": "clean", "HKU\\Default User_Classes": "clean",
        "HKU\\Default User (2)": "unreadable",
    }  # fmt: skip
    assert len(registry.expand("HKCU\\Software\\Who")) == 4  # not of the hive that can't be read
    texts = [value.text() for key in registry.expand("HKCU\\Software\\Who") if (value := registry.value(key, ""))]
    assert texts == ["nt4", "admin", "template"]
    unread = dict(registry.unread())
    assert "can't be told" in unread["HKU\\S-1-5-21-2"]
    assert "can't be told" in unread["HKU\\S-1-5-21-5"]
    assert "drive E" in unread["HKU\\S-1-5-21-3"]
    assert "HKU\\S-1-5-21-4" not in unread, "a profile that is gone is no gap"


def test_without_a_list_every_profile(tmp_path: Path) -> None:
    lay_out(tmp_path, {})
    (tmp_path / "WINNT/system32/config/software").write_bytes(b"")
    write(tmp_path, "Users/Bob/NTUSER.DAT", hive("bob"))
    write(tmp_path, "Users/no folder", b"")
    registry = open_registry(OfflineRoot(str(tmp_path)))
    assert registry.expand("HKCU") == ("HKU\\.DEFAULT", "HKU\\Bob")
    assert dict(registry.unread())["HKLM\\SOFTWARE"].startswith("it is empty")


def test_no_more_than_200_profiles(tmp_path: Path) -> None:
    lay_out(tmp_path, {})
    for number in range(203):
        write(tmp_path, f"Users/u{number}/NTUSER.DAT", b"")
    registry = open_registry(OfflineRoot(str(tmp_path)))
    assert len(registry.hives) == 205
    assert any("more than 200 profiles" in why for _, why in registry.unread())
