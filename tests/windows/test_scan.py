"""`codered scan` on an inert infection of this very Windows: files, registry, a process's memory."""

import ctypes
import json
import shutil
import subprocess
import sys
import winreg
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

assert sys.platform == "win32"

SCRIPTS = Path("C:\\inetpub\\scripts")
WINLOGON = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
SELECT = "SYSTEM\\Select"  # empty under Wine; on Windows it says which control set is the current one
VROOTS = "SYSTEM\\ControlSet001\\Services\\W3SVC\\Parameters\\Virtual Roots"


def scan(*words: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report."""
    answer = subprocess.run(
        [sys.executable, "-m", "codered", "scan", "--json", *words],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False,
    )  # fmt: skip
    assert answer.returncode in (0, 1, 3), answer.stderr[-3000:]
    return answer.returncode, json.loads(answer.stdout)


@pytest.fixture
def infected() -> Iterator[None]:
    """Marker files and values; all of it goes again."""
    SCRIPTS.mkdir(parents=True)
    (SCRIPTS / "root.exe").write_bytes(b"MZ inert marker, no program")
    (SCRIPTS / "shell.asp").write_bytes(b'<% eval request("inert") %>')
    Path("C:\\explorer.exe").write_bytes(b"MZ inert marker, no program")
    with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, WINLOGON) as key:
        winreg.SetValueEx(key, "SFCDisable", 0, winreg.REG_DWORD, 0xFFFFFF9D)
    with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, VROOTS) as key:
        winreg.SetValueEx(key, "/c", 0, winreg.REG_SZ, "c:\\,,217")
    with winreg.CreateKey(winreg.HKEY_LOCAL_MACHINE, SELECT) as key:
        winreg.SetValueEx(key, "Current", 0, winreg.REG_DWORD, 1)
    kernel = ctypes.WinDLL("kernel32")
    atom = kernel.GlobalAddAtomW("CodeRedII")
    try:
        yield
    finally:
        kernel.GlobalDeleteAtom(atom)
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, WINLOGON, 0, winreg.KEY_SET_VALUE) as key:
            winreg.DeleteValue(key, "SFCDisable")
        winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, VROOTS)
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, SELECT, 0, winreg.KEY_SET_VALUE) as key:
            winreg.DeleteValue(key, "Current")
        Path("C:\\explorer.exe").unlink()
        shutil.rmtree("C:\\inetpub")


def test_a_clean_folder_is_clean(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"nothing")
    code, report = scan(str(tmp_path))
    assert (code, report.get("findings", [])) == (0, [])
    assert (report["target"]["kind"], report["target"]["system"]) == ("live_windows", "windows")


def test_a_missing_folder_is_wrong_use(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "codered", "scan", str(tmp_path / "none")]
    answer = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert answer.returncode == 2
    assert b"no such file or folder" in answer.stderr


@pytest.mark.usefixtures("infected")
def test_every_trace_is_named(marked: "subprocess.Popen[str]") -> None:
    code, report = scan()
    assert code == 1
    found = {(one["layer"], one["subject"].get("path") or one["subject"].get("key")) for one in report["findings"]}
    assert ("files", "C:\\inetpub\\scripts\\root.exe") in found
    assert ("files", "C:\\inetpub\\scripts\\shell.asp") in found
    assert ("files", "C:\\explorer.exe") in found
    assert ("processes", "atom CodeRedII") in found
    keys = {one["subject"].get("key", "").lower() for one in report["findings"] if one["layer"] == "settings"}
    assert f"hklm\\{WINLOGON}:SFCDisable".lower() in keys
    assert any(key.endswith("virtual roots:/c") for key in keys)
    memory = [one["subject"]["pid"] for one in report["findings"] if one["layer"] == "memory"]
    assert marked.pid in memory
