"""What was read of some lines of a flow log, in the form that crosses from a reading process to the one that judges."""

import msgspec

from codered.model.traffic import Outcome, Transport

MOST_DATA = 2048  # bytes of a request
LATEST = 1 << 33  # seconds since the epoch: the year 2242
SILENT_AFTER = 1.0  # seconds: when the first repetition is sent, which nobody answered either


class Contact(msgspec.Struct, array_like=True, gc=False):
    """One attempt; what became of it was known at `replied`."""

    at: float
    source: bytes
    destination: bytes
    port: int
    protocol: Transport
    outcome: Outcome
    replied: float


class Answer(msgspec.Struct, array_like=True, gc=False):
    """A name server gave `address` to `client`."""

    at: float
    client: bytes
    address: bytes


class Asked(msgspec.Struct, array_like=True, gc=False):
    """The head of a request, as far as a log keeps it."""

    at: float
    source: bytes
    destination: bytes
    port: int
    data: bytes


class OneWay(msgspec.Struct, array_like=True, gc=False):
    """One direction of a flow: the other one may be a record of its own. `flags` are all TCP flags seen in it, -1 = the
    log keeps none.
    """

    at: float
    source: bytes
    destination: bytes
    source_port: int
    port: int
    protocol: Transport
    flags: int


Repeated = tuple[bytes, int, Transport, int, int]
"""Source, port, protocol, minute since the epoch, count."""


class FlowChunk(msgspec.Struct, array_like=True, gc=False):
    """`damaged` lines could not be read, the first of them is line `damaged_line`, and `damaged_why` says why;
    `left_out` counts what was read and is no attempt. A trouble ends the file. `lines` says how many there were, where
    lines are numbered from the start of the block; `unconfined` why the process that read it could do more than read.
    """

    contacts: list[Contact]
    answers: list[Answer]
    asked: list[Asked]
    one_way: list[OneWay]
    repeated: list[Repeated]
    left_out: dict[str, int]
    records: int = 0
    damaged: int = 0
    damaged_line: int = 0
    damaged_why: str = ""
    trouble: str = ""
    lines: int = 0
    unconfined: str = ""


def make_chunk() -> FlowChunk:
    """An empty one."""
    return FlowChunk([], [], [], [], [], {})


def note_damage(chunk: FlowChunk, line: int, why: str) -> None:
    """Count a line that could not be read; the first is remembered."""
    chunk.damaged += 1
    if chunk.damaged == 1:
        chunk.damaged_line, chunk.damaged_why = line, why


def note_left_out(chunk: FlowChunk, what: str, count: int = 1) -> None:
    """Count records that are read and say nothing of an attempt."""
    chunk.left_out[what] = chunk.left_out.get(what, 0) + count


def is_time(at: float) -> bool:
    """Whether it can be a time in seconds since the epoch."""
    return 0 < at < LATEST  # NaN is not


def is_port(port: int) -> bool:
    """Whether it can be a port."""
    return 0 <= port < 65536


def make_request(method: bytes, path: bytes, version: bytes) -> bytes:
    """The first line of an HTTP request as it went over the line."""
    number = version.rpartition(b"/")[2] or b"1.1"
    return b"%b %b HTTP/%b\r\n" % (method[:64], path[: MOST_DATA - 100], number[:8])
