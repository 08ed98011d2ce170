"""Event logs that were cleared: only the records' headers are read, of both formats (.evt, .evtx)."""

import os
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from codered.collect.walking import Unwalked
from codered.collect.windows.autostart.machine import Item, WindowsMachine
from codered.model.paths import FilePath
from codered.model.registry import Registry
from codered.model.target import Target
from codered.model.windows import WindowsSystem

MOST_READ = 256 << 20  # of one log
CHUNK = 64 << 10
PIECE = 4 << 20
_FIRST = datetime(1601, 1, 1, tzinfo=UTC)
_CLEARED = {"security": (1102, 517), "system": (104,)}
_RECORD = b"\x2a\x2a\0\0"
_CLEAR = "LogFileCleared".encode("utf-16-le")  # the element that only such an event has
_EVENT_ID, _UINT16 = 3, 6
MOST_VALUES = 64


class LogCleared(msgspec.Struct, frozen=True, kw_only=True):
    """A log says that it, or another, was cleared: which log, its file, how often, and when last (UTC)."""

    log: str
    path: FilePath
    shown: str | None
    count: int
    last: datetime
    number: int


class EventLogsSeen(msgspec.Struct, frozen=True):
    """Clears that were found, how many logs and bytes were read, and what could not be."""

    cleared: tuple[LogCleared, ...]
    logs: int = 0
    bytes: int = 0
    unread: tuple[Unwalked, ...] = ()


def collect_log_clears(target: Target, registry: Registry, system: WindowsSystem | None = None) -> EventLogsSeen:
    """The clears that the security and system logs of a Windows system tell of."""
    machine = WindowsMachine(target, registry, system)
    found: list[LogCleared] = []
    logs = total = 0
    for folder in (f"{machine.root}\\System32\\winevt\\Logs", f"{machine.root}\\System32\\config"):
        for item in machine.list_folder(folder):
            name, _, ending = item.name.lower().rpartition(".")
            log = {"secevent": "security", "sysevent": "system"}.get(name, name)
            if item.kind != "file" or log not in _CLEARED or ending not in ("evt", "evtx"):
                continue
            logs += 1
            data = _read(machine, item)
            total += len(data)
            reader: Callable[[bytes], Iterator[tuple[int, datetime]]] = read_evtx if ending == "evtx" else read_evt
            times = [(number, time) for number, time in reader(data) if number in _CLEARED[log]]
            if times:
                number, last = max(times, key=lambda one: one[1])
                found.append(
                    LogCleared(
                        log=log,
                        path=machine.path(item.rel),
                        shown=target.shown(item.rel),
                        count=len(times),
                        last=last,
                        number=number,
                    )
                )
    return EventLogsSeen(tuple(found), logs, total, tuple(machine.reader.unread))


def _read(machine: WindowsMachine, item: Item) -> bytes:
    try:
        descriptor = machine.target.open_file(item.rel)
    except OSError as error:
        machine.miss(item.name, error.strerror or str(error))
        return b""
    try:
        pieces = []
        left = MOST_READ
        while left and (piece := os.read(descriptor, min(left, PIECE))):
            pieces.append(piece)
            left -= len(piece)
        if not left:
            machine.miss(item.name, f"larger than {MOST_READ >> 20} MiB: only its start was read")
    except OSError as error:
        machine.miss(item.name, error.strerror or str(error))
        return b""
    finally:
        os.close(descriptor)
    return b"".join(pieces)


def read_evt(data: bytes) -> Iterator[tuple[int, datetime]]:
    """Number and time (UTC) of each event of a log of NT 4 to 2003, found by the marks of its records."""
    at = data.find(b"LfLe")
    while at >= 4:
        size = int.from_bytes(data[at - 4 : at], "little")
        if 56 <= size <= len(data) - at + 4 and at % 4 == 0:
            seconds, _, event = struct.unpack_from("<III", data, at + 8)
            yield event & 0xFFFF, datetime.fromtimestamp(seconds, UTC)
        at = data.find(b"LfLe", at + 4)


def read_evtx(data: bytes) -> Iterator[tuple[int, datetime]]:
    """Number and time (UTC) of the events of a log of Vista and later, of those parts of it that tell of a clear."""
    for start in range(4096, len(data), CHUNK):
        chunk = data[start : start + CHUNK]
        if not chunk.startswith(b"ElfChnk\0") or _CLEAR not in chunk:
            continue
        at = chunk.find(_RECORD, 512)
        while at >= 0:
            size = int.from_bytes(chunk[at + 4 : at + 8], "little")
            if 28 <= size <= len(chunk) - at and chunk[at + size - 4 : at + size] == chunk[at + 4 : at + 8]:
                number = _read_number(chunk, at, at + size)
                time = _as_time(int.from_bytes(chunk[at + 16 : at + 24], "little"))
                if number and time is not None:
                    yield number, time
                at += size - 4
            at = chunk.find(_RECORD, at + 4)


def _read_number(chunk: bytes, at: int, end: int) -> int:
    """The event's number: the fourth of the values that fill in the template of an event; 0 = not found."""
    here = at + 24
    if chunk[here : here + 5] != b"\x0f\x01\x01\0\x0c":
        return 0
    here += 10
    template = int.from_bytes(chunk[here : here + 4], "little")
    here += 4
    if template == here:  # it is defined right here, and else further up
        here += 24 + int.from_bytes(chunk[here + 20 : here + 24], "little")
    count = int.from_bytes(chunk[here : here + 4], "little")
    here += 4
    values = here + 4 * count
    if not _EVENT_ID < count <= MOST_VALUES or values > end:
        return 0
    sizes = [struct.unpack_from("<HB", chunk, here + 4 * number) for number in range(_EVENT_ID + 1)]
    values += sum(size for size, _ in sizes[:-1])
    is_number = sizes[-1] == (2, _UINT16) and values + 2 <= end
    return int.from_bytes(chunk[values : values + 2], "little") if is_number else 0


def _as_time(filetime: int) -> datetime | None:
    try:
        return _FIRST + timedelta(microseconds=filetime // 10)
    except OverflowError:
        return None
