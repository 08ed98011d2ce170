"""Event consumers of WMI, by the strings of its repository: what is bound to an event, and what stands beside it."""

import os
import re
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

import msgspec

from codered.collect.autostart.reading import SmallFile, as_time
from codered.collect.windows.autostart.entries import DEFAULT, of_file
from codered.collect.windows.autostart.machine import WindowsMachine
from codered.model.persistence import Autostart

MOST_READ = 256 << 20  # of a repository
PIECE = 4 << 20
WINDOW = 40_000  # bytes behind a consumer's class in which its name stands: a command has 32 767 characters at most
OVERLAP = 64 << 10
MOST_FOUND = 200
MOST_SAME = 16  # instances of one name that say different things
MOST_TEXT = 8192
AROUND = 2048  # bytes behind the name that may be the consumer's too
MOST_GAP = 4  # bytes between two texts of one instance
_PLACES = ("{root}\\System32\\wbem\\Repository\\OBJECTS.DATA", "{root}\\System32\\wbem\\Repository\\FS\\OBJECTS.DATA")
_BOUND = re.compile(rb"((?:ActiveScript|CommandLine)EventConsumer)\.Name=\"([^\"\x00-\x1f]{1,200})\"")
_CLASS = re.compile(rb"((?:ActiveScript|CommandLine)EventConsumer)\0")
_TEXT = re.compile(rb"[\x20-\x7e\t\r\n]{4,2048}")
_WIDE = b"C\0o\0n\0s\0u\0m\0e\0r\0"

_Name = tuple[bytes, bytes]  # of the class, of the consumer


class _Instance(NamedTuple):
    """`texts` are the command or script and what stands behind it, `own` those that surely are the consumer's."""

    texts: bytes = b""
    own: frozenset[bytes] = frozenset()


class KnownConsumer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One that Windows itself brings: `others` are the further texts it may have."""

    kind: str
    name: str
    command: str
    others: tuple[str, ...] = ()

    def fits(self, kind: str, name: str, own: frozenset[bytes]) -> bool:
        """Whether a consumer says this, and nothing else."""
        usual = {self.command.encode(), *(one.encode() for one in self.others)}
        return (kind, name) == (self.kind, self.name) and self.command.encode() in own and own <= usual


def _load() -> tuple[KnownConsumer, ...]:
    text = resources.files("codered.collect.windows.autostart").joinpath("known_consumers.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[KnownConsumer, ...])


_KNOWN = _load()


def collect_wmi(machine: WindowsMachine) -> Iterator[Autostart]:
    """One entry a consumer of the two classes that run something and that a binding names."""
    for place in _PLACES:
        rel = machine.find_file(place.format(root=machine.root))
        if rel is not None:
            yield from _of_repository(machine, rel)


def _of_repository(machine: WindowsMachine, rel: bytes) -> Iterator[Autostart]:
    file = machine.read(rel, 0)
    if file is None:
        return
    if file.size > MOST_READ:
        machine.miss(os.fsdecode(rel), f"larger than {MOST_READ >> 20} MiB: only its start was read")
    names = _find_bound(machine, rel)
    if names:
        _find_instances(machine, rel, names)
    for (kind, name), found in names.items():
        for one in found or {_Instance(): None}:
            yield _make(machine, file, kind.decode(), name.decode("cp1252", "replace"), one)


def _find_bound(machine: WindowsMachine, rel: bytes) -> dict[_Name, dict[_Instance, None]]:
    """The consumers that a binding names."""
    names: dict[_Name, dict[_Instance, None]] = {}
    for piece, _ in _pieces(machine, rel):
        # Texts of a repository are one byte a character where they can be, else UTF-16.
        for text in (piece, piece.replace(b"\0", b"")) if _WIDE in piece else (piece,):
            for found in _BOUND.finditer(text):
                if len(names) == MOST_FOUND and found.groups() not in names:
                    machine.miss(os.fsdecode(rel), f"more than {MOST_FOUND} event consumers: the rest was left out")
                    return names
                names.setdefault((found[1], found[2]), {})
    return names


def _find_instances(machine: WindowsMachine, rel: bytes, names: dict[_Name, dict[_Instance, None]]) -> None:
    """What the instances of these names say: one pass over all marks of a class, each up to the next one."""
    for piece, whole in _pieces(machine, rel):
        marks = [(found[1], found.end(), found.start()) for found in _CLASS.finditer(piece)]
        starts = [start for _, _, start in marks[1:]] + [len(piece)]
        for (kind, at, start), following in zip(marks, starts, strict=False):
            if start >= whole:
                break  # it comes again in the next piece, with all that is behind it
            around = piece[at - 1 : min(following, at + WINDOW)]
            name = next((one for one in around.split(b"\0") if (kind, one) in names), None)
            if name is None:
                continue
            found = names[(kind, name)]
            if len(found) < MOST_SAME:
                found[_read_instance(around, name)] = None
            else:
                why = f"more than {MOST_SAME} event consumers of one name: the rest was left out"
                machine.miss(os.fsdecode(rel), why)


def _read_instance(around: bytes, name: bytes) -> _Instance:
    at = around.find(b"\0" + name + b"\0") + 1 if not around.startswith(name + b"\0") else 0
    end = at + len(name)
    texts: list[bytes] = []
    own: set[bytes] = set()
    for found in _TEXT.finditer(around, 0, end + AROUND):
        if found[0] == name:
            continue
        if found.start() < end or found.start() - end <= MOST_GAP:
            own.add(found[0])
            end = max(end, found.end())
        texts.append(found[0])
    return _Instance(b"\n".join(texts)[:MOST_TEXT], frozenset(own))


def _make(machine: WindowsMachine, file: SmallFile, kind: str, name: str, one: _Instance) -> Autostart:
    command = one.texts.decode(errors="replace") if kind.startswith("Command") else ""
    whole = f"{kind}.Name={name}\n".encode() + one.texts
    usual = any(known.fits(kind, name, one.own) for known in _KNOWN)
    facts = frozenset(("win-wmi", "win-by-strings", *((DEFAULT,) if usual else ())))
    plain = SmallFile(file.rel, b"", True, "", file.size, file.mode, file.uid, as_time(file.changed.timestamp()))
    return of_file(machine, "wmi", plain, command.split("\n")[0], entry=name, text=whole, facts=facts)


def _pieces(machine: WindowsMachine, rel: bytes) -> Iterator[tuple[bytes, int]]:
    """The file piece by piece, with an overlap; and where in the piece that begins, which comes again."""
    try:
        descriptor = machine.target.open_file(rel)
    except OSError as error:
        machine.miss(os.fsdecode(rel), error.strerror or str(error))
        return
    try:
        piece = os.read(descriptor, PIECE)
        for _ in range(MOST_READ // PIECE):
            data = os.read(descriptor, PIECE)
            whole = max(0, len(piece) - OVERLAP) if data else len(piece)
            if piece:
                yield piece, whole
            if not data:
                return
            piece = piece[whole:] + data
    except OSError as error:
        machine.miss(os.fsdecode(rel), error.strerror or str(error))
    finally:
        os.close(descriptor)
