"""Lines of old configuration files that start programs: win.ini, system.ini, and autorun.inf on the roots of drives."""

from collections.abc import Iterator

from codered.collect.autostart.reading import SmallFile
from codered.collect.windows.autostart.entries import DEFAULT, of_file
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart, WindowsKind

MOST_READ = 256 << 10
MOST_LINE = 4096  # bytes
Wanted = dict[bytes, tuple[bytes, ...]]
_WIN_INI: Wanted = {b"windows": (b"load", b"run")}
_SYSTEM_INI: Wanted = {b"boot": (b"shell", b"scrnsave.exe")}
_AUTORUN: Wanted = {b"autorun": (b"open", b"shellexecute", b"shell\\open\\command", b"shell\\auto\\command")}
_USUAL_SHELL = (b"explorer.exe", b"progman.exe")


def collect_ini_files(machine: WindowsMachine) -> Iterator[Autostart]:
    """One entry a line that starts something."""
    yield from _collect(machine, f"{machine.root}\\win.ini", "ini_file", _WIN_INI)
    yield from _collect(machine, f"{machine.root}\\system.ini", "ini_file", _SYSTEM_INI)
    drives = [volume.drive for volume in machine.target.info.volumes] or [machine.drive[:1]]
    for drive in drives:
        yield from _collect(machine, f"{drive}:\\autorun.inf", "autorun_inf", _AUTORUN)


def _collect(machine: WindowsMachine, name: str, kind: WindowsKind, wanted: Wanted) -> Iterator[Autostart]:
    rel = machine.find_file(name)
    file = machine.read(rel, MOST_READ) if rel is not None else None
    if file is None:
        return
    if file.cut:
        machine.miss(name, f"larger than {MOST_READ >> 10} KiB: only its start was read")
    for number, line, key, command in _lines(file, wanted):
        facts = {f"win-ini-{key}"}
        if key == "shell" and command.lower().encode(errors="replace") in _USUAL_SHELL:
            facts = {DEFAULT}
        usual = "Explorer.exe" if key == "shell" else ""
        yield of_file(
            machine, kind, file, command, entry=key, line=number, text=line, facts=frozenset(facts), usual=usual
        )


def _lines(file: SmallFile, wanted: Wanted) -> Iterator[tuple[int, bytes, str, str]]:
    section = b""
    for number, line in file.lines():
        text = line.strip()
        if text.startswith(b"["):
            section = text[1:].partition(b"]")[0].strip().lower()
            continue
        key, equals, value = text.partition(b"=")
        key = key.strip().lower()
        if equals and value.strip() and key in wanted.get(section, ()):
            yield number, line.rstrip(b"\r"), key.decode(), value.strip()[:MOST_LINE].decode("cp1252", "replace")
