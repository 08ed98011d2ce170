"""Event consumers of WMI, by the strings of its repository: what is bound to an event, and what stands beside it."""

import os
import re
from collections.abc import Iterator

from codered.collect.autostart.reading import SmallFile, as_time
from codered.collect.windows.autostart.entries import of_file
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart

MOST_READ = 256 << 20  # of a repository
PIECE = 4 << 20
OVERLAP = 8192
MOST_FOUND = 200
AROUND = 2048  # bytes behind a consumer's class in which its command stands
_PLACES = ("{root}\\System32\\wbem\\Repository\\OBJECTS.DATA", "{root}\\System32\\wbem\\Repository\\FS\\OBJECTS.DATA")
_BOUND = re.compile(rb"(ActiveScript|CommandLine)EventConsumer\.Name=\"([^\"\x00-\x1f]{1,200})\"")
_TEXT = re.compile(rb"[\x20-\x7e\t\r\n]{4,2048}")


def collect_wmi(machine: WindowsMachine) -> Iterator[Autostart]:
    """One entry a consumer of the two classes that run something and that a binding names."""
    for place in _PLACES:
        rel = machine.find_file(place.format(root=machine.root))
        if rel is not None:
            yield from _of_repository(machine, rel)


def _of_repository(machine: WindowsMachine, rel: bytes) -> Iterator[Autostart]:
    names: dict[tuple[str, bytes], bytes] = {}
    file = machine.read(rel, 0)
    if file is None:
        return
    if file.size > MOST_READ:
        machine.miss(os.fsdecode(rel), f"larger than {MOST_READ >> 20} MiB: only its start was read")
    for piece in _pieces(machine, rel):
        for found in _BOUND.finditer(piece):
            if len(names) == MOST_FOUND:
                machine.miss(os.fsdecode(rel), f"more than {MOST_FOUND} event consumers: the rest was left out")
                break
            names.setdefault((found[1].decode(), found[2]), b"")
    if names:
        for piece in _pieces(machine, rel):
            for each, text in names.items():
                names[each] = text or _text_of(piece, *each)
    for (kind, name), text in names.items():
        yield _make(machine, file, f"{kind}EventConsumer", name.decode("cp1252", "replace"), text)


def _make(machine: WindowsMachine, file: SmallFile, kind: str, name: str, text: bytes) -> Autostart:
    command = text.decode(errors="replace") if kind.startswith("Command") else ""
    whole = f"{kind}.Name={name}\n".encode() + text
    facts = frozenset(("win-wmi", "win-by-strings"))
    plain = SmallFile(file.rel, b"", True, "", file.size, file.mode, file.uid, as_time(file.changed.timestamp()))
    return of_file(machine, "wmi", plain, command.split("\n")[0], entry=name, text=whole, facts=facts)


def _pieces(machine: WindowsMachine, rel: bytes) -> Iterator[bytes]:
    """The file piece by piece, with an overlap."""
    try:
        descriptor = machine.target.open_file(rel)
    except OSError as error:
        machine.miss(os.fsdecode(rel), error.strerror or str(error))
        return
    try:
        kept = b""
        for _ in range(MOST_READ // PIECE):
            data = os.read(descriptor, PIECE)
            if not data:
                return
            piece = kept + data
            # Texts of a repository are one byte a character where they can be, else UTF-16.
            yield piece if b"C\0o\0n\0s\0u\0m\0e\0r\0" not in piece else piece + b"\0\0" + piece.replace(b"\0", b"")
            kept = data[-OVERLAP:]
    except OSError as error:
        machine.miss(os.fsdecode(rel), error.strerror or str(error))
    finally:
        os.close(descriptor)


def _text_of(piece: bytes, kind: str, name: bytes) -> bytes:
    """The texts behind an instance of this class that holds the name: the command or the script, by their strings."""
    mark = f"{kind}EventConsumer\0".encode()
    at = piece.find(mark)
    while at >= 0:
        around = piece[at + len(mark) : at + len(mark) + AROUND]
        if b"\0" + name + b"\0" in around:
            texts = [found[0] for found in _TEXT.finditer(around) if found[0] != name]
            return b"\n".join(texts)[:AROUND]
        at = piece.find(mark, at + 1)
    return b""
