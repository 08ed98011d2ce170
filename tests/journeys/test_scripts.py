"""Scripts for old hosts, run by Wine's cmd, cscript and regedit on an inert infection of its Windows.

Wine's `fc` says of all files that they are the same, and it has no RegDelete (the script then imports a file), no
attributes of folders, no ChrW and no IIS. So a copy of cmd.exe that differs is told apart by its size and text here,
and what the script does with published folders is tested by its text only. There is no PowerShell at all.

On a busy machine Wine's cmd once did not start a program that is there: it says "Can't recognize" and answers
9009, of which Linux sees the last byte, 49. Our scripts never answer that. Such a start is repeated, and it is said.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.export.scripts.folder import check_folder, write_folder
from codered.export.scripts.from_packs import make_from_packs
from codered.export.scripts.from_plan import make_from_plan
from codered.export.scripts.steps import Script
from codered.packs.loading import load_packs
from tests.fixtures.script_plans import ROOTS, WINLOGON, codered2_actions, make_plan, quarantine
from tests.fixtures.script_plans import TROJAN as MARKER
from tests.fixtures.windows_python import ROOT, WindowsPython, windows_python

CURRENT = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\W3SVC\\Parameters\\Virtual Roots"
ODD = "a'b %PATH% & (x)!^.exe"
UNSTARTED = 9009 & 0xFF


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowsPython]:
    with windows_python(tmp_path_factory.mktemp("wine")) as made:
        # Without this each program would wait for a whole Windows to start.
        subprocess.run(["wineserver", "--persistent"], env=made.environment(), check=True, timeout=60)
        yield made


def start(windows: WindowsPython, *words: str) -> tuple[int, str]:
    """Run a program of Windows; what it says goes to a file: a pipe would stay open as long as Wine's own services."""
    with tempfile.TemporaryFile() as said:
        answer = subprocess.run(
            ["wine", *words], env=windows.environment(), stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            timeout=60, check=False, cwd=windows.drive_c,
        )  # fmt: skip
        said.seek(0)
        return answer.returncode, said.read().decode(errors="replace")


def is_unstarted(windows: WindowsPython, said: str) -> bool:
    """Wine's cmd could not start a program although it is there; one that is not there is our script's mistake."""
    named = re.findall(r"Can't recognize '\"?C:\\([^ '\"]+)", said, re.IGNORECASE)
    there = [(windows.drive_c / name.replace("\\", "/").lower()).is_file() for name in named]
    return bool(there) and all(there)


def try_run(windows: WindowsPython, *words: str) -> list[tuple[int, str]]:
    """The answers, the last of them for good."""
    answers = [start(windows, "cmd", "/c", *words)]
    while is_unstarted(windows, answers[-1][1]) and len(answers) < 3:
        print(f"Wine could not start a program of {words}, once more: {answers[-1]}")
        answers.append(start(windows, "cmd", "/c", *words))
    return answers


def run(windows: WindowsPython, *words: str) -> tuple[int, str]:
    """The answer, and all that was said, by starts in vain too: such a script may have done its work before."""
    answers = try_run(windows, *words)
    return answers[-1][0], "".join(said for _, said in answers)


def expect(answer: tuple[int, str], code: int) -> None:
    assert answer[0] == code, answer[1]


def set_value(windows: WindowsPython, key: str, name: str, kind: str, data: str) -> None:
    expect(start(windows, "reg", "add", key, "/v", name, "/t", kind, "/d", data, "/f"), 0)


def infect(windows: WindowsPython, roots: str) -> None:
    """Marker files and the values that Code Red II leaves."""
    scripts = windows.drive_c / "inetpub" / "scripts"
    scripts.mkdir(parents=True)
    (windows.drive_c / "explorer.exe").write_bytes(MARKER)
    (scripts / ODD).write_bytes(MARKER)
    expect(run(windows, "attrib", "+h", "+s", "C:\\explorer.exe"), 0)
    set_value(windows, roots, "/c", "REG_SZ", "c:\\,,217")
    set_value(windows, roots, "/scripts", "REG_SZ", "c:\\inetpub\\scripts,,217")
    set_value(windows, f"HKLM\\SOFTWARE\\{WINLOGON}", "SFCDisable", "REG_DWORD", "0xffffff9d")


def picture(windows: WindowsPython, key: str) -> tuple[dict[str, str], str]:
    """The files of the drive outside the system's folders and ours; the registry there, and the trojan's attributes."""
    files = {}
    for folder, below, names in os.walk(windows.drive_c):
        if Path(folder) == windows.drive_c:
            below[:] = [name for name in below if name.lower() not in ("windows", "users", "script", "programdata")]
        for name in names:
            path = Path(folder) / name
            files[str(path.relative_to(windows.drive_c))] = hashlib.sha256(path.read_bytes()).hexdigest()
    programs = "C:\\windows\\system32\\"
    lines = [f'{programs}reg.exe query "{name}"' for name in (key, f"HKLM\\SOFTWARE\\{WINLOGON}")]
    lines.append(f"{programs}attrib.exe C:\\explorer.exe")
    (windows.drive_c / "windows" / "temp" / "look.cmd").write_text("@echo off\r\n" + "\r\n".join(lines) + "\r\n")
    return files, try_run(windows, "C:\\windows\\temp\\look.cmd")[-1][1]


def lay_out(windows: WindowsPython, script: Script) -> Path:
    folder = windows.drive_c / "script"
    shutil.rmtree(folder, ignore_errors=True)
    write_folder(script, folder)
    return folder


def test_a_start_in_vain_is_told_from_a_program_that_is_not_there(windows: WindowsPython) -> None:
    """Wine's own words for a script that starts what is no program, and for one whose program is missing."""
    (windows.drive_c / "windows" / "temp" / "broken.exe").write_bytes(b"MZ, and no more")
    for name in ("broken", "missing"):
        (windows.drive_c / f"{name}.cmd").write_text(f"@C:\\windows\\temp\\{name}.exe /c exit 0\r\n")
    answers = try_run(windows, "C:\\broken.cmd")
    assert len(answers) == 3, answers
    assert {code for code, _ in answers} == {UNSTARTED}, answers
    code, said = start(windows, "cmd", "/c", "C:\\missing.cmd")
    assert (code, is_unstarted(windows, said)) == (UNSTARTED, False), said
    assert "Can't recognize" in said
    for name in ("broken", "missing"):
        (windows.drive_c / f"{name}.cmd").unlink()


def test_a_plan_cleans_twice_and_comes_undone_exactly(windows: WindowsPython) -> None:
    key = f"HKLM\\SYSTEM\\{ROOTS}"
    infect(windows, key)
    actions = [codered2_actions()[0], quarantine(f"C:\\inetpub\\scripts\\{ODD}"), *codered2_actions()[2:]]
    packs = load_packs(ROOT / "packs", ("codered2",))
    folder = lay_out(windows, make_from_plan(make_plan(*actions), "iis5", packs))
    before = picture(windows, key)
    code, said = run(windows, "C:\\script\\clean.cmd")
    assert (code, "5 would be done: run it with /go" in said) == (0, True), said
    assert "no IIS here, so no metabase" in said, said
    assert picture(windows, key) == before
    code, said = run(windows, "C:\\script\\clean.cmd", "/go")
    assert (code, "5 done" in said) == (0, True), said
    files, values = after = picture(windows, key)
    kept = "codered-quarantine-20261122-abcdef"
    assert set(files) - set(before[0]) == {f"{kept}/1.bin", f"{kept}/2.bin", f"{kept}/done.txt"}
    assert set(before[0]) - set(files) == {"explorer.exe", f"inetpub/scripts/{ODD}"}
    assert "0xffffff9d" not in values
    assert "/c " not in values
    assert "c:\\inetpub\\scripts,,201" in values
    code, said = run(windows, "C:\\script\\clean.cmd", "/go")
    assert (code, said.strip().endswith("nothing to do")) == (0, True), said
    assert picture(windows, key) == after
    expect(run(windows, "C:\\script\\undo.cmd"), 0)
    assert picture(windows, key) == after
    code, said = run(windows, "C:\\script\\undo.cmd", "/go")
    assert (code, "5 done" in said) == (0, True), said
    assert picture(windows, key) == before
    assert not (windows.drive_c / kept).exists()
    assert check_folder(folder) == ()
    assert "started, with /go" in (folder / "clean.log").read_text()


def test_what_differs_is_left_and_said(windows: WindowsPython) -> None:
    key = f"HKLM\\SYSTEM\\{ROOTS}"
    lay_out(windows, make_from_plan(make_plan(*codered2_actions()), "iis5", ()))
    (windows.drive_c / "explorer.exe").write_bytes(MARKER[::-1])
    set_value(windows, key, "/c", "REG_SZ", "c:\\,,201")
    set_value(windows, f"HKLM\\SOFTWARE\\{WINLOGON}", "SFCDisable", "REG_SZ", "4294967197")
    before = picture(windows, key)
    code, said = run(windows, "C:\\script\\clean.cmd")
    assert code == 1, said
    for text in ("C:\\explorer.exe: its content is another one", "/c is something else: c:\\,,201",
                 "SFCDisable is something else", "3 left as it is"):  # fmt: skip
        assert text in said, said
    assert picture(windows, key) == before
    expect(run(windows, "C:\\script\\clean.cmd", "/what"), 2)
    expect(run(windows, "C:\\script\\clean.cmd", "/go", "x"), 2)
    (windows.drive_c / "script" / "clean.vbs").write_bytes(b"this is no script\r\n")
    code, said = run(windows, "C:\\script\\clean.cmd")
    assert (code, "It broke off" in said) == (1, True), said


def test_prebuilt_scripts_find_a_copy_of_the_command_interpreter(windows: WindowsPython) -> None:
    scripts = windows.drive_c / "inetpub" / "scripts"
    shutil.copy(windows.drive_c / "windows" / "system32" / "cmd.exe", scripts / "root.exe")
    other = windows.drive_c / "program files" / "common files" / "system" / "msadc" / "root.exe"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"no copy")
    set_value(windows, CURRENT, "/c", "REG_SZ", "C:\\,,217")
    lay_out(windows, make_from_packs(load_packs(ROOT / "packs"), "iis5"))
    before = picture(windows, CURRENT)
    code, said = run(windows, "C:\\script\\clean.cmd", "/go")
    assert code == 1, said
    assert "msadc\\root.exe: it is no copy of this system's command interpreter" in said, said
    assert not (scripts / "root.exe").exists()
    assert other.exists()
    assert "/c " not in picture(windows, CURRENT)[1]
    expect(run(windows, "C:\\script\\undo.cmd", "/go"), 0)
    assert picture(windows, CURRENT) == before


def test_the_registration_files_do_and_undo(windows: WindowsPython) -> None:
    key = f"HKLM\\SYSTEM\\{ROOTS}"
    lay_out(windows, make_from_plan(make_plan(*codered2_actions()), "iis6", ()))
    expect(start(windows, "regedit", "/s", "C:\\script\\undo.reg"), 0)
    infected = picture(windows, key)
    assert "0xffffff9d" in infected[1]
    expect(start(windows, "regedit", "/s", "C:\\script\\clean.reg"), 0)
    assert "/c " not in picture(windows, key)[1]
    lay_out(windows, make_from_plan(make_plan(*codered2_actions()), "iis4", ()))
    expect(start(windows, "regedit", "/s", "C:\\script\\undo.reg"), 0)
    assert picture(windows, key) == infected
