import os
from pathlib import Path

from codered.collect.windows.autostart.machine import home_of
from tests.fixtures.windows_machines import PROGRAM, USER, Laid, open_machine


def test_names_are_found_in_any_case_and_only_regular_files(tmp_path: Path) -> None:
    machine = open_machine(tmp_path, Laid(files={"Tools/Some Thing.EXE": PROGRAM}))
    assert machine.root == "C:\\Windows"
    assert machine.find_file("c:\\tools\\SOME thing.exe") == b"Tools/Some Thing.EXE"
    assert machine.find_file("C:\\explorer.exe") is None
    assert machine.find_file("C:\\Tools") is None
    (tmp_path / "root/Program Files/link.exe").symlink_to("/etc/passwd")
    assert machine.find_file("C:\\Program Files\\link.exe") is None
    for name in ("", "x", "C:", "D:\\x", "C:\\a\0b\\c", "\\\\host\\share\\x", "C:\\no\\such"):
        assert machine.find_file(name) is None
    assert machine.knows_drive("c:\\x")
    assert not machine.knows_drive("z:\\x")


def test_variables(tmp_path: Path) -> None:
    machine = open_machine(tmp_path, Laid())
    assert machine.expand("%SystemRoot%\\x") == ["C:\\Windows\\x"]
    assert machine.expand("%windir%\\%nothing%\\y") == ["C:\\Windows\\%nothing%\\y"]
    assert machine.expand("100% sure") == ["100% sure"]
    home = home_of(machine, f"HKU\\{USER}\\Software\\x")
    assert home == "C:\\Users\\Administrator"
    assert machine.expand("%APPDATA%\\a.exe", home)[0] == "C:\\Users\\Administrator\\AppData\\Roaming\\a.exe"
    assert home_of(machine, "HKLM\\SOFTWARE") == ""


def test_folders_that_cannot_be_listed_are_said(tmp_path: Path) -> None:
    machine = open_machine(tmp_path, Laid())
    assert machine.list_rel(b"no/such") == []
    assert machine.reader.unread == []
    assert {item.name for item in machine.list_folder("C:\\Users")} == {"Administrator"}
    os.symlink("/", tmp_path / "root/out")
    assert machine.list_rel(b"out") == []
    machine.miss("this", "was odd")
    assert machine.reader.unread[-1].why == "this: was odd"
