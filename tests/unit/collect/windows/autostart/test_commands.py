from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.collect.windows.autostart.commands import MISSING, PLANTED, RELATIVE, name_files
from codered.collect.windows.autostart.machine import WindowsMachine
from tests.fixtures.windows_machines import PROGRAM, Laid, open_machine

FILES = {"Program Files/A B/c.exe": PROGRAM, "Windows/System32/drivers/x.sys": PROGRAM, "Tools/y.dll": PROGRAM,
         "Windows/System32/rundll32.exe": PROGRAM}  # fmt: skip


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> WindowsMachine:
    return open_machine(tmp_path_factory.mktemp("machine"), Laid(files=FILES))


@pytest.mark.parametrize(
    ("command", "runs", "facts"),
    [
        ("%SystemRoot%\\System32\\cmd.exe /c dir", ("C:\\Windows\\System32\\cmd.exe",), set()),
        ("\\SystemRoot\\System32\\drivers\\x.sys", ("C:\\Windows\\System32\\drivers\\x.sys",), set()),
        ("System32\\drivers\\x.sys", ("C:\\Windows\\System32\\drivers\\x.sys",), set()),
        ("\\??\\C:\\Tools\\y.dll", ("C:\\Tools\\y.dll",), set()),
        ("C:\\Program Files\\A B\\c.exe -x", ("C:\\Program Files\\A B\\c.exe",), set()),
        ("C:\\Program Files\\A B\\c -x", ("C:\\Program Files\\A B\\c.exe",), set()),
        ('"C:\\Program Files\\A B\\c.exe" -x', ("C:\\Program Files\\A B\\c.exe",), set()),
        ("cmd", ("C:\\Windows\\system32\\cmd.exe",), {RELATIVE}),
        ("nowhere.exe -x", ("nowhere.exe",), {RELATIVE}),
        ("C:\\gone\\z.exe -x", ("C:\\gone\\z.exe",), {MISSING}),
        ("Z:\\gone\\z.exe", ("Z:\\gone\\z.exe",), set()),
        ("C:\\PROGRA~1\\NORTON~1\\z.exe", ("C:\\PROGRA~1\\NORTON~1\\z.exe",), set()),
        ("C:\\Windows\\explorer.exe:x.exe", ("C:\\Windows\\explorer.exe:x.exe",), set()),
        ("\\\\192.0.2.1\\s\\x.exe", ("\\\\192.0.2.1\\s\\x.exe",), set()),
        ("rundll32.exe C:\\Tools\\y.dll,Go", ("C:\\Windows\\system32\\rundll32.exe", "C:\\Tools\\y.dll"), {RELATIVE}),
        ("", (), set()),
    ],
)
def test_what_a_command_names(machine: WindowsMachine, command: str, runs: tuple[str, ...], facts: set[str]) -> None:
    named = name_files(machine, command)
    assert (named.runs, set(named.facts)) == (runs, facts)
    assert len(named.files) == len(named.runs)


def test_a_program_before_an_unquoted_path(tmp_path: Path) -> None:
    machine = open_machine(tmp_path, Laid(files={**FILES, "Program.exe": PROGRAM}))
    named = name_files(machine, "C:\\Program Files\\A B\\c.exe -x")
    assert (named.runs, set(named.facts)) == (("C:\\Program.exe",), {PLANTED})
    assert name_files(machine, '"C:\\Program Files\\A B\\c.exe" -x').facts == frozenset()


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="C:\\%\"' ab.exe~/\0\ud800", max_size=200))
def test_hostile_commands(machine: WindowsMachine, command: str) -> None:
    named = name_files(machine, command)
    assert len(named.files) == len(named.runs) <= 8
