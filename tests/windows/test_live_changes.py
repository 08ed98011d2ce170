"""Plan, apply, verify and roll back on this very Windows: files with their attributes, registry values, a process.

What only a real Windows shows is not shown here: access lists (Wine makes them up), named streams, short names that are
set, the protection of system files, the service manager's own services.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import winreg
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.windows.conftest import CHILD, MARKER, codered

assert sys.platform == "win32"

SCRIPTS = Path("C:\\inetpub\\scripts")
ROOT_EXE, EXPLORER = SCRIPTS / "root.exe", Path("C:\\explorer.exe")
WINLOGON = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
SELECT = "SYSTEM\\Select"
VROOTS = "SYSTEM\\ControlSet001\\Services\\W3SVC\\Parameters\\Virtual Roots"
RUN_KEY = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"
HIDDEN_SYSTEM, READ_ONLY = 0x2 | 0x4, 0x1
INERT = b"MZ inert marker, no program"
CUT_OFF = """
import os, sys
from pathlib import Path
from codered import respond
from codered.targets import reopen_target
plan = respond.read_plan(Path(sys.argv[1]))
def tell(step):
    if step.action.path.text.endswith("root.exe") and step.event == sys.argv[2]:
        os._exit(9)
respond.apply(plan, reopen_target(plan.target), tell)
"""


def look() -> dict[str, Any]:
    """All that the infection is made of, as it is now."""
    found: dict[str, Any] = {}
    for path in (ROOT_EXE, EXPLORER):
        if path.exists():
            status = path.stat()
            found[str(path)] = (path.read_bytes(), status.st_file_attributes, status.st_mtime_ns)
    for key, name in ((WINLOGON, "SFCDisable"), (VROOTS, "/c"), (VROOTS, "/scripts")):
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
                found[name] = winreg.QueryValueEx(opened, name)
        except FileNotFoundError:
            continue
    return found


@pytest.fixture(scope="module")
def infected() -> Iterator[dict[str, Any]]:
    """Marker files and values, and how they look; all of it goes again."""
    kernel = ctypes.WinDLL("kernel32")
    SCRIPTS.mkdir(parents=True)
    for path, attributes in ((ROOT_EXE, READ_ONLY), (EXPLORER, HIDDEN_SYSTEM)):
        path.write_bytes(INERT)
        os.utime(path, ns=(10**18, 996_000_000_123_456_700))
        assert kernel.SetFileAttributesW(str(path), attributes)
    values = (
        (WINLOGON, "SFCDisable", winreg.REG_DWORD, 0xFFFFFF9D),
        (VROOTS, "/c", winreg.REG_SZ, "c:\\,,217"),
        (VROOTS, "/scripts", winreg.REG_SZ, "c:\\inetpub\\scripts,,204"),
        (SELECT, "Current", winreg.REG_DWORD, 1),
    )
    for name, value, kind, data in values:
        with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, name) as key:
            winreg.SetValueEx(key, value, 0, kind, data)
    try:
        yield look()
    finally:
        for path in (ROOT_EXE, EXPLORER):
            kernel.SetFileAttributesW(str(path), 0x80)
            path.unlink(missing_ok=True)
        shutil.rmtree("C:\\inetpub")
        for name, value in ((WINLOGON, "SFCDisable"), (SELECT, "Current")):
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, name, 0, winreg.KEY_SET_VALUE) as key:
                winreg.DeleteValue(key, value)
        winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, VROOTS)


@pytest.fixture(scope="module")
def worm() -> Iterator["subprocess.Popen[str]"]:
    """A process with a worm's marker strings in its memory."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(MARKER + "\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == "ready"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def report(infected: dict[str, Any], worm: "subprocess.Popen[str]", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One look at all of it: a look at a whole Windows takes its time."""
    assert infected
    assert worm.poll() is None
    path = tmp_path_factory.mktemp("report") / "r.json"
    codered("scan", "-o", str(path), code=1)
    return path


def make_plan(report: Path, tmp_path: Path) -> str:
    plan = tmp_path / "p.json"
    codered("plan", str(report), "-o", str(plan))
    return str(plan)


def test_what_changed_since_is_not_touched(infected: dict[str, Any], report: Path, tmp_path: Path) -> None:
    plan = make_plan(report, tmp_path)
    for text in ("c:\\mine,,1", infected["/c"][0]):
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, VROOTS, 0, winreg.KEY_SET_VALUE) as key:
            winreg.SetValueEx(key, "/c", 0, winreg.REG_SZ, text)
        before = look()
        if before != infected:
            assert "nothing was touched" in codered("apply", plan, "--yes", code=4)
        assert look() == before


def test_all_that_was_found_goes_and_comes_back_as_it_was(
    infected: dict[str, Any], report: Path, worm: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    plan = make_plan(report, tmp_path)
    actions = json.loads(Path(plan).read_bytes())["actions"]
    kinds = sorted(one["kind"] for one in actions)
    assert kinds == ["delete_value", "kill_process", "quarantine_file", "quarantine_file", "set_value"]
    assert worm.pid in [one["expects"].get("pid") for one in actions]
    codered("apply", plan, "--yes")
    assert look() == {"SFCDisable": (0, winreg.REG_DWORD), "/scripts": infected["/scripts"]}
    assert worm.wait(10) == 1
    assert "already applied" in codered("apply", plan, "--yes")
    seen = json.JSONDecoder().raw_decode(codered("verify", plan, "--json", code=None))[0]
    left = [one["what"] for one in seen["remnants"] if one["kind"] != "incomplete"]
    # The memory of the program that runs this test holds its marker strings.
    assert [what for what in left if not what.startswith("memory of process")] == []
    assert [one for one in seen["report"].get("findings", []) if one["layer"] in ("files", "settings")] == []
    assert "can't be undone" in codered("rollback", plan, "--yes")
    assert look() == infected


@pytest.mark.parametrize("event", ["begun", "verified"])
def test_what_was_killed_in_the_middle_is_finished_and_undone(
    infected: dict[str, Any], report: Path, tmp_path: Path, event: str
) -> None:
    plan = make_plan(report, tmp_path)
    cut = subprocess.run(
        [sys.executable, "-c", CUT_OFF, plan, event], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert cut.returncode == 9, cut.stderr[-2000:]
    assert infected != look() != {}
    if event == "begun":
        codered("apply", plan, "--yes")
        assert set(look()) == {"SFCDisable", "/scripts"}
    codered("rollback", plan, "--yes")
    assert look() == infected
