from pathlib import Path

from codered.collect.registry import open_registry
from codered.collect.windows.pack_settings import MOST_FILE, SettingsSeen, collect_pack_settings
from codered.model.indicators import SettingIndicator
from codered.targets import open_target
from tests.fixtures.hive_files import Value
from tests.fixtures.windows_roots import CURRENT, VROOTS, infect_codered2, lay_out_windows2000, write

SFC = f"HKLM\\SOFTWARE\\{CURRENT}\\Winlogon"
ROOTS = f"HKLM\\SYSTEM\\CurrentControlSet\\{VROOTS}"


def ask(key: str, value: str, store: str = "registry") -> SettingIndicator:
    return SettingIndicator(
        id="x", because="x", confidence="likely", severity="high", references=(), store=store,  # type: ignore[arg-type]
        key=key, value=value, equals=("x",),
    )  # fmt: skip


def collect(root: Path, *signs: SettingIndicator) -> SettingsSeen:
    target = open_target(str(root))
    return collect_pack_settings(target, open_registry(target), signs)


def test_values_of_every_control_set_with_all_their_forms(tmp_path: Path) -> None:
    lay_out_windows2000(tmp_path)
    infect_codered2(tmp_path)
    seen = collect(tmp_path, ask(SFC, "sfcdisable"), ask(ROOTS, "/C"), ask(ROOTS, "/c"), ask(ROOTS, "/none"))
    assert (seen.asked, seen.unread) == (4, ())
    sfc, first, second = seen.settings
    assert (sfc.key, sfc.value, sfc.type) == (SFC, "SFCDisable", "dword")
    assert sfc.forms == ("4294967197", "0xffffff9d")
    assert sfc.data == b"\x9d\xff\xff\xff"
    assert sfc.written is not None
    assert (sfc.shown, sfc.hive_state, sfc.control_set) == ("C:\\WINNT\\system32\\config\\software", "clean", "")
    assert (first.key, first.forms) == (f"HKLM\\SYSTEM\\ControlSet001\\{VROOTS}", ("c:\\,,217",))
    assert (first.control_set, second.control_set) == ("current, default", "last known good")
    assert first.path is not None
    assert first.path.text == str(tmp_path / "WINNT/system32/config/system")


def test_other_stores_and_types(tmp_path: Path) -> None:
    values: dict[str, Value] = {"many": ["one", "two"], "bytes": b"\x01\x02", "bad\nname": "x"}
    lay_out_windows2000(tmp_path, {"Test": values})
    key = "HKLM\\SOFTWARE\\Test"
    signs = (ask(key, "many"), ask(key, "bytes"), ask(key, "bad\nname"), ask("/LM/W3SVC", "Path", "metabase"))
    seen = collect(tmp_path, *signs)
    assert seen.asked == 3
    assert [(one.value, one.type, one.forms) for one in seen.settings] == [
        ("many", "multi_string", ("one", "two")),
        ("bytes", "string", ()),
        ("bad\\nname", "string", ("x",)),
    ]


def test_lines_of_a_file(tmp_path: Path) -> None:
    text = b"[boot]\r\nSHELL = Explorer.exe load.exe -dontrunold\r\nshellx=1\r\n[x]\r\nshell=\xff\r\n"
    write(tmp_path, "WINDOWS/system.ini", text)
    seen = collect(tmp_path, ask("C:\\windows\\system.ini", "shell", "file"))
    assert [(one.line, one.forms) for one in seen.settings] == [
        (2, ("Explorer.exe load.exe -dontrunold",)),
        (5, ("\xff",)),
    ]
    first = seen.settings[0]
    assert first.data == b"SHELL = Explorer.exe load.exe -dontrunold\r"
    assert (first.store, first.key) == ("file", "C:\\WINDOWS\\system.ini")


def test_a_file_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    file = write(tmp_path, "WINDOWS/system.ini", b"x" * (MOST_FILE + 1))
    seen = collect(tmp_path, ask("C:\\windows\\system.ini", "shell", "file"))
    assert seen.unread == (("C:\\WINDOWS\\system.ini", "larger than 1024 KiB"),)
    file.unlink()
    file.symlink_to("/etc/passwd")
    assert len(collect(tmp_path, ask("C:\\windows\\system.ini", "shell", "file")).unread) == 1
