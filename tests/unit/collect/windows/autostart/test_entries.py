from pathlib import Path

from codered.collect.windows.autostart.entries import CUT, MOST_TEXT, as_bytes, of_file, of_registry
from tests.fixtures.windows_machines import PROGRAM, USER, Laid, open_machine

RUN = "Software\\Microsoft\\Windows\\CurrentVersion\\Run"


def test_an_entry_of_the_registry(tmp_path: Path) -> None:
    machine = open_machine(tmp_path, Laid(user={RUN: {"x": "cmd.exe"}}))
    key = f"HKU\\{USER}\\{RUN}"
    entry = of_registry(machine, "run_key", {"key": key, "value": "x"}, "%USERPROFILE%\\a.exe", entry="x")
    assert entry.runs == ("C:\\Users\\Administrator\\a.exe",)
    assert (entry.registry, entry.value, entry.user) == (key, "x", USER)
    assert entry.path.text.endswith("/Users/Administrator/NTUSER.DAT")
    assert entry.shown == "C:\\Users\\Administrator\\NTUSER.DAT"
    assert entry.changed is not None
    assert entry.files == (None,)


def test_what_is_too_long_is_cut_and_said(tmp_path: Path) -> None:
    machine = open_machine(tmp_path, Laid(files={"big.cmd": b"x" * (MOST_TEXT + 1)}))
    file = machine.read(b"big.cmd")
    assert file is not None
    entry = of_file(machine, "startup_folder", file, "C:\\big.cmd")
    assert len(entry.text) == MOST_TEXT
    assert CUT in entry.facts
    assert "64 KiB" in machine.reader.unread[0].why
    assert as_bytes("a\ud800") == b"a\\ud800"
    assert PROGRAM not in entry.text
