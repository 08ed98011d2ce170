from pathlib import Path

from tests.fixtures.windows_machines import PROGRAM, Laid, collect
from tests.fixtures.windows_roots import Entries


def test_only_an_explorer_on_the_root_of_an_old_system_counts(tmp_path: Path) -> None:
    for name, files, old, wanted in (
        ("a", {"explorer.exe": PROGRAM}, True, ["C:\\Explorer.exe"]),
        ("b", {}, True, []),
    ):
        (tmp_path / name).mkdir()
        entries = collect(tmp_path / name, Laid(files=files), old=old)
        found = [one for one in entries if one.kind == "relative_shell_path"]
        assert [one.command for one in found] == wanted
        assert [one.text for one in found] == [b"Explorer.exe"] * len(wanted)  # as the registry has it
        assert all((one.entry, one.value, len(one.files)) == ("Shell", "Shell", 1) for one in found)


def test_a_shell_with_its_path_is_safe(tmp_path: Path) -> None:
    key = "Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
    software: Entries = {key: {"Shell": "C:\\WINNT\\explorer.exe"}}
    entries = collect(tmp_path, Laid(software=software, files={"explorer.exe": PROGRAM}), old=True)
    assert not [one for one in entries if one.kind == "relative_shell_path"]
