"""Pages of the kernel's trace buffers, taken apart by what its format files say of the events we ask for."""

import re
import struct
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import NamedTuple

STATE, RESET, AGAIN = "sock/inet_sock_set_state", "tcp/tcp_receive_reset", "tcp/tcp_retransmit_skb"
WANTED: dict[str, tuple[str, ...]] = {
    STATE: ("skaddr", "oldstate", "newstate", "sport", "dport", "family", "saddr", "daddr", "daddr_v6", "saddr_v6"),
    RESET: ("skaddr",),
    AGAIN: ("skaddr", "state"),
}
_FIELD = re.compile(rb"field:[^;\n]{1,100}?([a-z0-9_]{1,32})(?:\[\d{1,4}\])?;\toffset:(\d{1,5});\tsize:(\d{1,5});")
_NUMBER = re.compile(rb"^ID: (\d{1,9})$", re.MULTILINE)
_CODES = {1: "B", 2: "H", 4: "i", 8: "Q"}
_PLAIN = struct.Struct("=IHBBi")  # length and time of an event, then what all events begin with
_PAIR = struct.Struct("=II")
_SOFT = 0x18  # the flags of interrupts, the late ones too
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
    size: int
    unpack: Callable[[bytes, int], tuple[int | bytes, ...]]
    order: Callable[[tuple[int | bytes, ...]], tuple[int | bytes, ...]]


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
        place, layouts, plain = self._data, self._layouts, _PLAIN.unpack_from
        while place + _PLAIN.size <= end:
            word, number, flags, _, thread = plain(page, place)
            kind, delta = word & 31, word >> 5
            body = place + 4
            if kind >= _PADDING:
                at, place = _skip(page, place, at)
                continue
            if not kind:  # long: its size stands before it
                size, number, flags, _, thread = plain(page, body) if body + _PLAIN.size <= end else (0,) * 5
                place, body = body + size, body + 4
            else:
                place = body + kind * 4
            at += delta
            if place <= body or place > end:
                break
            layout = layouts.get(number)
            if layout is not None and body + layout.size <= place:
                values = layout.order(layout.unpack(page, body))
                yield TraceRecord(at, layout.event, thread, bool(flags & _SOFT), values)


def _skip(page: bytes, place: int, at: int) -> tuple[int, int]:
    """The time, and where it goes on, behind what is no event: a longer step of time, or nothing."""
    word, more = _PAIR.unpack_from(page, place)
    kind, delta = word & 31, word >> 5
    if kind == _EXTENDED:
        return at + delta + (more << 27), place + 8
    if kind == _ABSOLUTE:
        return (at & ~((1 << 59) - 1)) | (more << 27) | delta, place + 8
    return (at + delta, place + 4 + max(4, more)) if delta else (at, len(page))


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
    made = struct.Struct(shape)
    order = itemgetter(*(by_place.index(name) for name in wanted)) if len(wanted) > 1 else tuple
    return int(number[1]), _Layout(event, made.size, made.unpack_from, order)
