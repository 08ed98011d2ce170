"""codered.exe, built and run under Wine: an inert infection of its Windows is named, taken away and brought back."""

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
SELECT = "HKLM\\SYSTEM\\Select"
SERVICE = "HKLM\\SYSTEM\\ControlSet001\\Services\\InertMarker"
FILES = (Path("inetpub/scripts/root.exe"), Path("explorer.exe"), Path("RECYCLER/svchost.exe"))
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
    """Marker files and a value, as Code Red II leaves them, and a service whose program lies in a bin."""
    scripts = windows.drive_c / "inetpub" / "scripts"
    for place in FILES:
        (windows.drive_c / place).parent.mkdir(parents=True, exist_ok=True)
        (windows.drive_c / place).write_bytes(b"MZ inert marker, no program")
    (scripts / "ä日本.txt").write_bytes(b"a name that no code page has")
    for key, name, kind, data in (
        (WINLOGON, "SFCDisable", "REG_DWORD", "0xffffff9d"),
        (SELECT, "Current", "REG_DWORD", "1"),  # Wine tells of no control set; a Windows always does
        (SERVICE, "ImagePath", "REG_EXPAND_SZ", "C:\\RECYCLER\\svchost.exe"),
        (SERVICE, "Start", "REG_DWORD", "2"),
        (SERVICE, "Type", "REG_DWORD", "16"),
    ):
        words = ("reg", "add", key, "/v", name, "/t", kind, "/d", data, "/f")
        assert windows.run(*words, seconds=60).returncode == 0


def name_finding(finding: dict[str, Any]) -> tuple[str, str]:
    subject = finding["subject"]
    return finding["layer"], str(subject.get("path") or subject.get("key"))


def look(windows: WindowsPython) -> dict[str, bytes]:
    """The infection as it is now: what its files hold, what the registry says of its value."""
    found = {
        str(place): (windows.drive_c / place).read_bytes() for place in FILES if (windows.drive_c / place).exists()
    }
    answer = windows.run("reg", "query", WINLOGON, "/v", "SFCDisable", seconds=60)
    service = windows.run("reg", "query", SERVICE, seconds=60)
    if not service.returncode:
        found[SERVICE] = service.stdout.strip()
    return {**found, WINLOGON: answer.stdout.strip()}


def test_the_program_holds_all_that_the_tool_reads() -> None:
    """Every data file of the sources, every file of the packs: their names stand in its table of contents."""
    subprocess.run([ROOT / "scripts" / "build-windows-exe"], check=True, timeout=300)
    program = (ROOT / "dist" / "codered.exe").read_bytes()
    source, packs = ROOT / "src", ROOT / "packs"
    wanted = {
        *(path.relative_to(source) for path in (source / "codered").rglob("*") if path.is_file() and not is_code(path)),
        *("codered/shipped_packs" / path.relative_to(packs) for path in packs.rglob("*") if path.is_file()),
    }
    assert {"windows_protected.json", "windows_kept.json", "windows.heuristics.yaml"} <= {path.name for path in wanted}
    assert [path for path in wanted if str(path).replace("/", "\\").encode() + b"\0" not in program] == []


def is_code(path: Path) -> bool:
    return path.suffix in (".py", ".pyc")


def test_the_program_names_an_infection_takes_it_away_and_brings_it_back(tmp_path: Path) -> None:
    with windows_python(tmp_path) as windows:
        build_program(windows)
        assert run(windows, "--version")[1].startswith(b"codered, version ")
        infect(windows)
        infected = look(windows)
        assert len(infected) == 2 + len(FILES)
        with marked_process(windows) as marked:
            assert run(windows, "scan", "--fast", "-o", "C:\\report.json")[0] == 1
            assert marked.poll() is None
            found = [
                name_finding(one) for one in json.loads((windows.drive_c / "report.json").read_bytes())["findings"]
            ]
            assert {("files", "C:\\inetpub\\scripts\\root.exe"), ("memory", "python.exe")} <= set(found)
            assert any(layer == "settings" and "SFCDisable" in key for layer, key in found), found
            assert ("autostart", "service") in found
            assert run(windows, "plan", "C:\\report.json", "-o", "C:\\plan.json")[0] == 0
            assert look(windows) == infected
            assert run(windows, "apply", "C:\\plan.json", "--yes")[0] == 0
            marked.wait(20)  # nobody but us could write the line that it waits for
        cleaned = look(windows)
        # The service is switched off, and stays with its program for whoever looks at what no pack knows.
        assert set(cleaned) == {str(FILES[-1]), SERVICE, WINLOGON}
        assert b"0x4" in cleaned[SERVICE]
        assert b"0x4" not in infected[SERVICE]
        assert cleaned[WINLOGON] == infected[WINLOGON].replace(b"0xffffff9d", b"0x0") != infected[WINLOGON]
        code, said = run(windows, "verify", "C:\\plan.json", "--json")
        assert code == 3  # the accounts of a running Windows are not seen
        seen = json.JSONDecoder().raw_decode(said.decode())[0]
        assert [one for one in seen["remnants"] if one["kind"] != "incomplete"] == []
        assert seen["report"].get("findings", []) == []
        run(windows, "rollback", "C:\\plan.json", "--yes")
        assert look(windows) == infected


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
