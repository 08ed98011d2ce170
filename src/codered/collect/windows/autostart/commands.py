"""Which files a command line of Windows names, the way Windows itself would look for them."""

import re
from typing import NamedTuple

from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.paths import FilePath

MOST_COMMAND = 32_767  # characters, what Windows takes
MOST_SPACES = 24  # places at which an unquoted path may end
MOST_RUNS = 8
MISSING, PLANTED, RELATIVE = "win-missing", "win-planted-before", "win-relative"
_ENDINGS = ("", ".exe", ".com", ".bat", ".cmd", ".dll", ".sys")
_PROGRAM_END = re.compile(
    r"\.(?:exe|com|bat|cmd|dll|sys|scr|cpl|pif|ocx|vbs|vbe|js|jse|wsf|hta|ps1|msc|lnk)(?=$|[\s,\"])", re.I
)
_BETWEEN = re.compile(r"[\s\",;|&<>]+")
_QUOTED = re.compile(r"\"([^\"]{3,1024})\"")
_HAS_DRIVE = re.compile(r"[a-z]:\\", re.I)
_SHORT = re.compile(r"~\d")


class Named(NamedTuple):
    """What a command names: Windows names, the program first, the files on this machine in the same order, what is
    left of the command after the program, and facts.
    """

    runs: tuple[str, ...] = ()
    files: tuple[FilePath | None, ...] = ()
    arguments: str = ""
    facts: frozenset[str] = frozenset()


class _Program(NamedTuple):
    path: str
    rel: bytes | None
    rest: str
    facts: frozenset[str] = frozenset()


def name_files(machine: WindowsMachine, command: str, home: str = "", within: str = "system32") -> Named:
    """The files of a command. `home` is the folder of its user, `within` where below the system folder a name without
    a path is looked for.
    """
    text = command[:MOST_COMMAND].strip().strip("\0")
    if not text:
        return Named()
    meant = [_find_program(machine, _plain(machine, one), within) for one in machine.expand(text, home)]
    program = next((one for one in meant if one.rel is not None), meant[0])
    runs: dict[str, FilePath | None] = {program.path: _path(machine, program.rel)}
    for name in _name_arguments(program.rest):
        if len(runs) < MOST_RUNS and name not in runs:
            found = _find_with_ending(machine, name)
            runs[found[0]] = _path(machine, found[1])
    return Named(tuple(runs), tuple(runs.values()), program.rest.strip(), program.facts)


def _path(machine: WindowsMachine, rel: bytes | None) -> FilePath | None:
    return None if rel is None else machine.path(rel)


def _plain(machine: WindowsMachine, text: str) -> str:
    """The forms of the kernel and of services as plain paths."""
    quote = '"' if text.startswith('"') else ""
    body = text[len(quote) :].replace("/", "\\") if text[:1] == "/" else text[len(quote) :]
    lower = body.lower()
    if lower.startswith(("\\??\\", "\\\\?\\", "\\\\.\\")):
        body = body[4:]
    elif lower.startswith("\\systemroot\\"):
        body = machine.root + body[11:]
    elif lower.startswith(("system32\\", "syswow64\\", "sysnative\\")):
        body = f"{machine.root}\\{body}"
    elif lower.startswith("\\") and not lower.startswith("\\\\"):
        body = machine.drive + body
    return quote + body


def _find_program(machine: WindowsMachine, text: str, within: str) -> _Program:
    if text.startswith('"'):
        name, _, rest = text[1:].partition('"')
        return _resolve(machine, name.strip(), rest, within)
    if not _HAS_DRIVE.match(text):
        name = next(iter(text.split(None, 1)), "")
        name, rest = _cut_at_end(text) if "\\" in name else (name, text[len(name) :])
        return _resolve(machine, name, rest, within)
    ends = [at for at, char in enumerate(text) if char in " \t"][:MOST_SPACES]
    found = []
    for end in (*ends, len(text)):
        path, rel = _find_with_ending(machine, text[:end].rstrip(","))
        if rel is not None:
            found.append(_Program(path, rel, text[end:]))
    if not found:
        name, rest = _cut_at_end(text)
        return _resolve(machine, name, rest, within)
    meant, told = found[0], _cut_at_end(text)[0]
    planted = len(text) - len(meant.rest) < len(told) and machine.find_file(told) is not None
    return meant._replace(facts=frozenset((PLANTED,)) if planted else frozenset())


def _cut_at_end(text: str) -> tuple[str, str]:
    """A command up to where its program's name ends, and the rest."""
    end = _PROGRAM_END.search(text)
    at = end.end() if end is not None else len(text.split(None, 1)[0]) if text.split() else 0
    return text[:at], text[at:]


def _find_with_ending(machine: WindowsMachine, path: str) -> tuple[str, bytes | None]:
    if _HAS_DRIVE.match(path):
        for ending in _ENDINGS:
            rel = machine.find_file(path + ending)
            if rel is not None:
                return path + ending, rel
    return path, None


def _resolve(machine: WindowsMachine, name: str, rest: str, within: str) -> _Program:
    if _HAS_DRIVE.match(name):
        path, rel = _find_with_ending(machine, name)
        missing = rel is None and machine.knows_drive(path) and not _SHORT.search(path) and "%" not in path
        is_stream = ":" in path[2:]
        return _Program(path, rel, rest, frozenset((MISSING,)) if missing and not is_stream else frozenset())
    if name.startswith("\\\\"):
        return _Program(name, None, rest)
    for folder in dict.fromkeys((f"{machine.root}\\{within}", f"{machine.root}\\system32", machine.root)):
        path, rel = _find_with_ending(machine, f"{folder}\\{name}")
        if rel is not None:
            return _Program(path, rel, rest, frozenset((RELATIVE,)))
    return _Program(name, None, rest, frozenset((RELATIVE,)))


def _name_arguments(rest: str) -> list[str]:
    """The full names of files among the arguments, quoted or not."""
    quoted = [found[1] for found in _QUOTED.finditer(rest)]
    plain = _BETWEEN.split(_QUOTED.sub(" ", rest))
    return [name for name in (*quoted, *plain) if _HAS_DRIVE.match(name) and ":" not in name[2:] and name[3:]]
