"""Pages of the kernel's trace buffers, taken apart by what its format files say of the events we ask for."""

import re
import struct
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

STATE, RESET, AGAIN = "sock/inet_sock_set_state", "tcp/tcp_receive_reset", "tcp/tcp_retransmit_skb"
WANTED: dict[str, tuple[str, ...]] = {
    STATE: ("skaddr", "oldstate", "newstate", "sport", "dport", "family", "saddr", "daddr", "daddr_v6", "saddr_v6"),
    RESET: ("skaddr",),
    AGAIN: ("skaddr", "state"),
}
_FIELD = re.compile(rb"field:[^;\n]{1,100}?([a-z0-9_]{1,32})(?:\[\d{1,4}\])?;\toffset:(\d{1,5});\tsize:(\d{1,5});")
_NUMBER = re.compile(rb"^ID: (\d{1,9})$", re.MULTILINE)
_CODES = {1: "B", 2: "H", 4: "i", 8: "Q"}
_COMMON = struct.Struct("=HBBi")
_WORD = struct.Struct("=I")
_HEAD = struct.Struct("=QQ")  # time stamp of the page, bytes in it with flags above
_PADDING, _EXTENDED, _ABSOLUTE = 29, 30, 31
_MISSED, _COUNTED = 1 << 31, 1 << 30
_LENGTH = 0xFFFFF


class TraceRecord(NamedTuple):
    """One event: `at` in nanoseconds of the trace's clock, `thread` that was running, `softirq` whether the kernel was
    at work for a packet or timer and not for that thread; `values` in the order of WANTED.
    """

    at: int
    event: str
    thread: int
    softirq: bool
    values: tuple[int | bytes, ...]


class _Layout(NamedTuple):
    event: str
    shape: struct.Struct
    order: Callable[[tuple[int | bytes, ...]], Any]
    single: bool


class TraceReader:
    """Reads pages of events with these formats (texts of the kernel's `format` files by event, and of `header_page`).
    Raises ValueError if a field that is needed is not in them.
    """

    def __init__(self, formats: dict[str, bytes], header_page: bytes) -> None:
        self._layouts = dict(parse_format(event, text) for event, text in formats.items())
        fields = {name: (int(at), int(size)) for name, at, size in _FIELD.findall(header_page.replace(b"\t ", b"\t"))}
        if fields.get(b"commit") != (8, 8) or b"data" not in fields:
            raise ValueError("pages of this kernel's trace are laid out in a way that is not known")
        self._data = fields[b"data"][0]
        self.page_size = sum(fields[b"data"])
        self.lost = 0

    def read_page(self, page: bytes) -> Iterator[TraceRecord]:
        """The events of one page; `lost` counts what the kernel had to throw away (1 if it does not say how many)."""
        if len(page) < self._data:
            return
        at, commit = _HEAD.unpack_from(page)
        end = min(self._data + (commit & _LENGTH), len(page))
        if commit & _MISSED:
            counted = commit & _COUNTED and end + 8 <= len(page)
            self.lost += min(struct.unpack_from("=Q", page, end)[0], 1 << 40) if counted else 1
        place = self._data
        while place + 8 <= end:
            (word,) = _WORD.unpack_from(page, place)
            kind, delta = word & 31, word >> 5
            (more,) = _WORD.unpack_from(page, place + 4)
            if kind == _EXTENDED:
                at, place = at + delta + (more << 27), place + 8
                continue
            if kind == _ABSOLUTE:
                at, place = (at & ~((1 << 59) - 1)) | (more << 27) | delta, place + 8
                continue
            if kind == _PADDING and not delta:
                break
            at += delta
            body, after = (place + 4, place + 4 + kind * 4) if 0 < kind < _PADDING else (place + 8, place + 4 + more)
            if after <= place + 4 or after > end:
                break
            if kind != _PADDING and body + _COMMON.size <= after:
                record = self._take(page, body, after, at)
                if record is not None:
                    yield record
            place = after

    def _take(self, page: bytes, body: int, end: int, at: int) -> TraceRecord | None:
        number, flags, _, thread = _COMMON.unpack_from(page, body)
        layout = self._layouts.get(number)
        if layout is None or body + layout.shape.size > end:
            return None
        found = layout.order(layout.shape.unpack_from(page, body))
        values = (found,) if layout.single else found
        return TraceRecord(at, layout.event, thread, bool(flags & 0x18), values)


def parse_format(event: str, text: bytes) -> tuple[int, _Layout]:
    """The event's number, and where its wanted fields are. Raises ValueError."""
    number = _NUMBER.search(text)
    fields = {name.decode(): (int(at), int(size)) for name, at, size in _FIELD.findall(text)}
    wanted = WANTED[event]
    if number is None or not set(wanted) <= set(fields):
        raise ValueError(f"the kernel tells of {event} in a way that is not known")
    shape, place = "=", 0
    by_place = sorted(wanted, key=lambda name: fields[name])
    for name in by_place:
        offset, size = fields[name]
        if offset < place:
            raise ValueError(f"fields of {event} lie over each other")
        shape += f"{offset - place}x" + (f"{size}s" if name.startswith(("saddr", "daddr")) else _CODES.get(size, "Q"))
        place = offset + size
    order = itemgetter(*(by_place.index(name) for name in wanted))
    return int(number[1]), _Layout(event, struct.Struct(shape), order, len(wanted) == 1)
