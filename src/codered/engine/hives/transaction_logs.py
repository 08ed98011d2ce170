"""What the transaction logs of a hive hold is laid over its bytes in memory. Two forms: one set of dirty sectors (NT to
Windows 7), and entries that follow each other by number, in two files by turns (Windows 8.1 and later).

A log of another hive, or one that is older than the hive, is not applied, and that is said.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from codered.engine.hives.hive_header import BINS_AT, MOST, HiveHeader, NotAHive, read_header, seal_header
from codered.engine.hives.log_hash import hash_entry

_NEW = 6
_HEAD = 512
_SECTOR, _PAGE = 512, 4096
_ENTRY = struct.Struct("<4sIIIIIQQ")
_MOST_LOG = 32 << 20
_WRAP = 1 << 32


class HiveBytes(Protocol):
    """The bytes of a hive or a log, of which `file_size` lie in its file."""

    size: int
    file_size: int

    def read(self, at: int, count: int) -> bytes:
        """Up to `count` bytes from a place; fewer at the end."""
        ...

    def lay_over(self, at: int, data: bytes) -> None:
        """From now on these bytes are read at that place."""
        ...

    def grow(self, size: int) -> None:
        """Make it as long; what is added are zeros."""
        ...


class Replay(NamedTuple):
    """What came of it: the hive's header as it is now (None = nothing was applied), and a sentence about each log.
    `doubts`: those of the sentences that are about a log which may hold later changes, and was not applied.
    """

    header: HiveHeader | None
    notes: tuple[str, ...]
    doubts: tuple[str, ...] = ()


class _Notes:
    """Sentences about logs."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.doubts: list[str] = []

    def say(self, name: str, what: str) -> None:
        """What was done."""
        self.all.append(f"{name}: {what}")

    def skip(self, name: str, why: str) -> None:
        """Why a log was not applied that Windows would not apply either."""
        self.say(name, f"not applied: {why}")

    def doubt(self, name: str, why: str) -> None:
        """Why a log was not applied that may hold later changes."""
        self.skip(name, why)
        self.doubts.append(self.all[-1])


class _Log(NamedTuple):
    name: str
    raw: HiveBytes
    header: HiveHeader


class _Entry(NamedTuple):
    sequence: int
    bins: int
    pages: tuple[tuple[int, bytes], ...]  # where in the hive's file, and what


def replay_logs(raw: HiveBytes, header: HiveHeader | None, logs: Mapping[str, HiveBytes]) -> Replay:
    """Apply to a dirty hive those of its logs (by their names) that fit; `header` is None when it is destroyed."""
    notes = _Notes()
    fitting = [log for name, found in logs.items() if (log := _take(name, found, header, notes))]
    new = [log for log in fitting if log.header.kind == _NEW]
    applied = _apply_new(raw, header, new, notes) if new else _apply_old(raw, header, fitting, notes)
    if applied is None:
        return Replay(None, tuple(notes.all), tuple(notes.doubts))
    raw.lay_over(0, applied)
    clean = read_header(applied)
    raw.grow(max(raw.size, BINS_AT + clean.bins))
    return Replay(clean, tuple(notes.all), tuple(notes.doubts))


def _take(name: str, raw: HiveBytes, header: HiveHeader | None, notes: _Notes) -> _Log | None:
    """The log if it may be applied to this hive."""
    why = ""
    try:
        head = raw.read(0, _HEAD)
        found = read_header(head)
    except NotAHive as error:
        (notes.doubt if any(head) else notes.skip)(name, str(error))
        return None
    if not found.is_log:
        why = "it is no log"
    elif found.is_dirty:
        why = "it was not written to its end"
    elif header and _is_of_another(header, found):
        why = "it is the log of another hive"
    elif raw.file_size > _MOST_LOG:
        why = f"it has {raw.file_size} bytes, more than {_MOST_LOG}"
    elif not 0 < found.bins <= MOST - BINS_AT or found.bins % _PAGE:
        why = f"it says {found.bins} bytes of hive"
    if why:
        notes.doubt(name, why)
        return None
    return _Log(name, raw, found)


def _is_of_another(header: HiveHeader, found: HiveHeader) -> bool:
    """By the number of its transactions where there is one, else by the hive's name; the tail of its path is there."""
    if any(header.identity) and any(found.identity):
        return header.identity != found.identity
    return bool(header.name and found.name) and header.name != found.name


def _apply_new(raw: HiveBytes, header: HiveHeader | None, logs: list[_Log], notes: _Notes) -> bytes | None:
    ordered = sorted(logs, key=lambda log: log.header.primary)
    if len(ordered) == 2 and _comes_before(ordered[1].header.primary, ordered[0].header.primary):
        ordered.reverse()  # the numbers started anew from 0
    if header is None or not header.is_sealed:
        ordered = ordered[-1:]  # nothing says where to begin; Windows takes the later one
    head, expected = None, None
    for log in ordered:
        if header and header.is_sealed and _comes_before(log.header.primary, header.secondary):
            told = notes.doubt if _goes_beyond(log, header.secondary) else notes.skip
            told(log.name, "it is older than the hive")
            continue
        if expected is not None and log.header.primary != expected:
            notes.doubt(log.name, "it does not follow the other log")
            continue
        count = 0
        for entry in read_entries(log.raw, log.header.primary):
            count, expected = count + 1, (entry.sequence + 1) % _WRAP
            raw.grow(max(raw.size, BINS_AT + entry.bins))
            for at, data in entry.pages:
                raw.lay_over(at, data)
            head = seal_header(log.raw.read(0, _HEAD), entry.sequence, entry.bins)
        if count:
            notes.say(log.name, f"{count} entries applied")
        else:
            notes.skip(log.name, "no whole entry")
    return head


def _goes_beyond(log: _Log, sequence: int) -> bool:
    """Whether entries of it that follow each other reach this number; only their heads are read."""
    at, number = _HEAD, log.header.primary
    while at + _ENTRY.size <= log.raw.size:
        magic, size, _, found, *_rest = _ENTRY.unpack(log.raw.read(at, _ENTRY.size))
        if magic != b"HvLE" or found != number or size % _SECTOR or not _HEAD <= size <= log.raw.size - at:
            return False
        if not _comes_before(number, sequence):
            return True
        at, number = at + size, (number + 1) % _WRAP
    return False


def read_entries(log: HiveBytes, sequence: int) -> Iterator[_Entry]:
    """The entries of a new log that follow each other from this number on, each written whole."""
    at = _HEAD
    while at + _ENTRY.size <= log.size:
        head = log.read(at, _ENTRY.size)
        magic, size, _, number, bins, count, hash_all, hash_head = _ENTRY.unpack(head)
        if magic != b"HvLE" or number != sequence or size % _SECTOR or not _HEAD <= size <= log.size - at:
            return
        if bins % _PAGE or not 0 < bins <= MOST - BINS_AT or hash_entry(head[:32]) != hash_head:
            return
        body = log.read(at + _ENTRY.size, size - _ENTRY.size)
        if not count or count * 8 > len(body) or hash_entry(body) != hash_all:
            return
        pages = _read_pages(body, count, bins)
        if pages is None:
            return
        yield _Entry(number, bins, pages)
        at, sequence = at + size, (sequence + 1) % _WRAP


def _read_pages(body: bytes, count: int, bins: int) -> tuple[tuple[int, bytes], ...] | None:
    """None if an entry says pages that it does not hold, or that are no part of the hive."""
    pages, at = [], count * 8
    for offset, size in struct.iter_unpack("<II", body[:at]):
        if offset + size > bins or at + size > len(body):
            return None
        pages.append((BINS_AT + offset, body[at : at + size]))
        at += size
    return tuple(pages)


def _apply_old(raw: HiveBytes, header: HiveHeader | None, logs: list[_Log], notes: _Notes) -> bytes | None:
    """Of two, the later one: each holds all that was not yet written."""
    for log in sorted(logs, key=lambda log: log.header.written, reverse=True):
        if header and header.is_sealed and log.header.written < header.written:
            notes.skip(log.name, "it is older than the hive")
            continue
        sectors = _read_sectors(log)
        if sectors is None:
            notes.doubt(log.name, "it does not hold what it says")
            continue
        raw.grow(max(raw.size, BINS_AT + log.header.bins))
        for at, data in sectors:
            raw.lay_over(at, data)
        notes.say(log.name, f"{len(sectors)} sectors applied")
        return seal_header(log.raw.read(0, _HEAD), log.header.primary, log.header.bins)
    return None


def _read_sectors(log: _Log) -> list[tuple[int, bytes]] | None:
    length = log.header.bins // _PAGE  # a bit a sector
    vector = log.raw.read(_HEAD, 4 + length)
    if vector[:4] != b"DIRT" or len(vector) < 4 + length:
        return None
    at = -(-(_HEAD + 4 + length) // _SECTOR) * _SECTOR
    found = []
    for number, byte in enumerate(vector[4:]):
        for bit in range(8) if byte else ():
            if byte >> bit & 1:
                data = log.raw.read(at, _SECTOR)
                if len(data) < _SECTOR:
                    return None
                found.append((BINS_AT + (number * 8 + bit) * _SECTOR, data))
                at += _SECTOR
    return found


def _comes_before(one: int, other: int) -> bool:
    """Of two sequence numbers, which start anew after the largest."""
    return 0 < (other - one) % _WRAP <= _WRAP // 2
