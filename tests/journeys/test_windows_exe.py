"""codered.exe, built and run under Wine: an inert infection of its Windows is named."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fixtures.windows_python import ROOT, WindowsPython, windows_python
from tests.windows.conftest import CHILD, MARKER

WINLOGON = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
HERE = {"CODERED_STATE": "C:\\state", "CODERED_CACHE": "C:\\cache"}


def build_program(windows: WindowsPython) -> None:
    """codered.exe on its drive C; what Wine lacks of Windows' own DLLs beside the system's others."""
    subprocess.run([ROOT / "scripts" / "build-windows-exe"], check=True, timeout=300)
    shutil.copy(ROOT / "dist" / "codered.exe", windows.drive_c)
    shutil.copy(windows.prefix / "dosdevices" / "y:" / "bcryptprimitives.dll", windows.drive_c / "windows" / "system32")


def run(windows: WindowsPython, *words: str) -> tuple[int, bytes]:
    answer = windows.run("C:\\codered.exe", *words, seconds=120, **HERE)
    assert answer.returncode in (0, 1, 3), (answer.stdout + answer.stderr)[-3000:]
    return answer.returncode, answer.stdout


def infect(windows: WindowsPython) -> None:
    """Marker files and a value, as Code Red II leaves them."""
    scripts = windows.drive_c / "inetpub" / "scripts"
    scripts.mkdir(parents=True)
    for place in (scripts / "root.exe", windows.drive_c / "explorer.exe"):
        place.write_bytes(b"MZ inert marker, no program")
    (scripts / "ä日本.txt").write_bytes(b"a name that no code page has")
    words = ("reg", "add", WINLOGON, "/v", "SFCDisable", "/t", "REG_DWORD", "/d", "0xffffff9d", "/f")
    assert windows.run(*words, seconds=60).returncode == 0


def name_finding(finding: dict[str, Any]) -> tuple[str, str]:
    subject = finding["subject"]
    return finding["layer"], str(subject.get("path") or subject.get("key"))


def test_the_program_runs_and_names_an_infection(tmp_path: Path) -> None:
    with windows_python(tmp_path) as windows:
        build_program(windows)
        assert run(windows, "--version")[1].startswith(b"codered, version ")
        assert b"Code Red II" in run(windows, "packs", "list")[1]
        infect(windows)
        code, said = run(windows, "scan", "--json", "C:\\inetpub")
        assert code == 1
        assert [name_finding(one) for one in json.loads(said)["findings"]] == [
            ("files", "C:\\inetpub\\scripts\\root.exe")
        ]
        with marked_process(windows) as marked:
            code, said = run(windows, "scan", "--json", "--fast")
            assert marked.poll() is None
    assert code == 1
    found = {name_finding(one) for one in json.loads(said)["findings"]}
    assert ("memory", "python.exe") in found
    assert any(layer == "settings" and "SFCDisable" in key for layer, key in found), found


@contextmanager
def marked_process(windows: WindowsPython) -> Iterator["subprocess.Popen[bytes]"]:
    """A process with a worm's marker strings in its memory, and nothing else of a worm."""
    process = subprocess.Popen(
        ["wine", "Y:\\python.exe", "-c", CHILD], env=windows.environment(), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(MARKER.encode() + b"\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == b"ready"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)
