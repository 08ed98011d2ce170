"""Hives are found by the system's own names, whatever their case and wherever the system folder is."""

from pathlib import Path

from codered.collect.registry.finding_hives import (
    find_beside,
    find_machine_hives,
    find_profile_folders,
    find_systems,
    list_names,
)
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.hive_files import key_of, write_hive
from tests.fixtures.hive_logs import with_header
from tests.fixtures.windows_roots import lay_out_windows2000, write

HIVE = write_hive(key_of({"A": {}}))


def test_usual_system(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path / "r")
    target = OfflineRoot(str(tmp_path / "r"))
    (system,) = find_systems(target)
    assert system.config.lower() == "c:\\winnt\\system32\\config"
    found = {hive.root: hive.rel for hive in find_machine_hives(target, system)}
    assert found == {
        "HKLM\\SYSTEM": b"WINNT/system32/config/system",
        "HKLM\\SOFTWARE": b"WINNT/system32/config/software",
        "HKLM\\SAM": b"WINNT/system32/config/SAM",
        "HKLM\\SECURITY": b"WINNT/system32/config/SECURITY",
        "HKU\\.DEFAULT": b"WINNT/system32/config/default",
    }


def test_drive_c_first_then_what_was_written_last(tmp_path: Path) -> None:
    for name, written in {"C/WINNT": 5, "C/Windows": 9, "D/WINDOWS": 99}.items():
        write(tmp_path, f"{name}/System32/Config/SYSTEM", with_header(HIVE, (1, 1), written=written))
    names = [system.config for system in find_systems(OfflineRoot(str(tmp_path)))]
    assert names[0] == "C:\\windows\\system32\\config"
    assert names == [f"{name}\\system32\\config" for name in ("C:\\windows", "C:\\winnt", "D:\\windows")]


def test_system_folder_of_any_name(tmp_path: Path) -> None:
    write(tmp_path, "Inetpub/x", b"")
    write(tmp_path, "NT.old/SYSTEM32/config/software", b"no hive")
    (tmp_path / "NT.old/SYSTEM32/config/system").mkdir()
    (system,) = find_systems(OfflineRoot(str(tmp_path)))
    assert (system.drive, system.name, system.written) == ("C", "NT.old", 0)
    assert find_systems(OfflineRoot(str(tmp_path / "Inetpub"))) == ()


def test_a_second_system_beside_a_usual_one(tmp_path: Path) -> None:
    for name, written in {"C/WINNT": 9, "C/W2K3": 5}.items():
        write(tmp_path, f"{name}/System32/Config/SYSTEM", with_header(HIVE, (1, 1), written=written))
    names = [(system.drive, system.name) for system in find_systems(OfflineRoot(str(tmp_path)))]
    assert names == [("C", "winnt"), ("C", "W2K3")]


def test_twins_that_differ_in_case_only(tmp_path: Path) -> None:
    for name in ("WINNT/system32/config/SAM", "WINNT/system32/config/system", "winnt/System32/config/SYSTEM"):
        write(tmp_path, name, HIVE)
    target = OfflineRoot(str(tmp_path))
    (system,) = find_systems(target)
    hives = {hive.root: hive for hive in find_machine_hives(target, system)}
    assert hives["HKLM\\SYSTEM"].rel == b"WINNT/system32/config/system"
    assert hives["HKLM\\SYSTEM"].twins == (b"winnt/System32/config/SYSTEM",)
    ((where, why),) = hives["HKLM\\SYSTEM"].gap
    assert where == "HKLM\\SYSTEM"
    assert "winnt/System32/config/SYSTEM" in why
    assert hives["HKLM\\SAM"].gap == ()


def test_profiles_and_neighbours(tmp_path: Path) -> None:
    for name in ("Users/Bob", "Documents and Settings/Eve", "WINNT/profiles/Old"):
        write(tmp_path, f"{name}/NTUSER.DAT", HIVE)
    write(tmp_path, "WINNT/system32/config/system", HIVE)
    write(tmp_path, "WINNT/system32/config/SYSTEM.log", b"")
    write(tmp_path, "WINNT/system32/config/system.LOG1.bak", b"")
    target = OfflineRoot(str(tmp_path))
    (system,) = find_systems(target)
    folders = find_profile_folders(target, system)
    assert [folder.lower() for folder in folders] == [
        "c:\\documents and settings\\eve", "c:\\users\\bob", "c:\\winnt\\profiles\\old"]  # fmt: skip
    beside = find_beside(target, b"WINNT/system32/config/system", (".LOG", ".LOG1"))
    assert beside == {".LOG": b"WINNT/system32/config/SYSTEM.log"}
    assert list_names(target, b"no/such") == []
    assert list_names(target, b"Users") == [b"Bob"]
