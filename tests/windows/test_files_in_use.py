"""A program that runs can't be removed: it loses its name at once, and goes when Windows starts (which Wine's does too,
but these tests never start it anew).
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import winreg
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from codered.system.folders import clear_name_in, open_folder
from codered.system.leaving_files import MARK, leave_to_next_start, list_leaving
from tests.windows.conftest import codered

assert sys.platform == "win32"

ROOT_EXE = Path("C:\\inetpub\\scripts\\root.exe")
SESSION_MANAGER = "SYSTEM\\CurrentControlSet\\Control\\Session Manager"


@pytest.fixture
def running() -> Iterator["subprocess.Popen[bytes]"]:
    """An inert program by the name of a worm's that waits for a line; all of it goes again."""
    ROOT_EXE.parent.mkdir(parents=True)
    shutil.copy("C:\\windows\\system32\\cmd.exe", ROOT_EXE)
    process = subprocess.Popen([str(ROOT_EXE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    try:
        assert process.stdout.read(1)
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)
        shutil.rmtree("C:\\inetpub")
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, SESSION_MANAGER, 0, winreg.KEY_SET_VALUE) as key:
            winreg.DeleteValue(key, "PendingFileRenameOperations")


def test_its_name_goes_now_and_the_file_later(running: "subprocess.Popen[bytes]") -> None:
    with pytest.raises(PermissionError):
        ROOT_EXE.unlink()
    os.chmod(ROOT_EXE, stat.S_IREAD)
    folder = open_folder(os.fsencode(ROOT_EXE.parent))
    try:
        clear_name_in(folder, b"root.exe")
        with pytest.raises(FileNotFoundError):
            clear_name_in(folder, b"root.exe")
    finally:
        os.close(folder)
    assert running.poll() is None
    left = [Path(path) for path in list_leaving()]
    assert left == list(ROOT_EXE.parent.iterdir())
    assert left[0].name.startswith(MARK)
    assert left[0].stat().st_mode & stat.S_IWRITE


def test_a_plan_takes_it_away_says_when_and_brings_it_back(running: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    content = ROOT_EXE.read_bytes()
    report, plan = str(tmp_path / "r.json"), str(tmp_path / "p.json")
    codered("scan", "C:\\inetpub", "-o", report, code=1)
    codered("plan", report, "-o", plan)
    assert [one["kind"] for one in json.loads(Path(plan).read_bytes())["actions"]] == ["quarantine_file"]
    assert "goes at the next start of Windows: C:\\inetpub\\scripts\\.codered-gone-" in codered(
        "apply", plan, "--yes", code=3
    )
    assert running.poll() is None
    assert not ROOT_EXE.exists()
    assert "was in use and goes then" in codered("verify", plan, code=3)
    codered("rollback", plan, "--yes")
    assert ROOT_EXE.read_bytes() == content


def test_what_can_not_be_left_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"x")
    os.chmod(file, stat.S_IREAD)
    monkeypatch.setattr("codered.system.leaving_files._kernel", SimpleNamespace(MoveFileExW=lambda *_: 0))
    with pytest.raises(OSError, match=r"."):
        leave_to_next_start(str(file))
    assert [each.name for each in tmp_path.iterdir()] == ["x"]
    assert not file.stat().st_mode & stat.S_IWRITE
    assert list_leaving() == ()
