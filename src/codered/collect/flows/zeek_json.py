"""Zeek's logs written as a JSON object a line."""

import msgspec

from codered.collect.flows.chunk import FlowChunk, make_chunk, note_damage, note_left_out
from codered.collect.flows.contacts import ContactTable
from codered.collect.flows.json_lines import decode_line, to_bytes
from codered.collect.flows.lines import Block
from codered.collect.flows.times import read_time
from codered.collect.flows.zeek import MOST_ANSWERS, ZeekLog, ZeekRecord, take_record


class _Line(msgspec.Struct, gc=False):
    ts: float | str
    uid: str = ""
    path: str = msgspec.field(name="_path", default="")
    source: str = msgspec.field(name="id.orig_h", default="")
    destination: str = msgspec.field(name="id.resp_h", default="")
    port: int = msgspec.field(name="id.resp_p", default=-1)
    proto: str = ""
    conn_state: str = ""
    method: str = ""
    uri: str = ""
    version: str = ""
    status_code: int | None = None
    trans_depth: int | None = None
    answers: list[str] = []
    query: str | None = None
    rcode: int | None = None


_DECODER = msgspec.json.Decoder(_Line)
_NAMES: dict[str, ZeekLog] = {"conn": "conn", "http": "http", "dns": "dns"}


class ZeekLines:
    """Reads blocks in any order: each line says by itself what it is."""

    by_line = True

    def follow(self, block: Block) -> None:
        """Nothing in one block is said of the next."""

    def read(self, block: Block) -> FlowChunk:
        """The records of a block."""
        chunk, table = make_chunk(), ContactTable()
        for number, line in enumerate(block.data.split(b"\n"), block.line):
            if not line.strip():
                continue
            chunk.records += 1
            record = decode_line(line, _DECODER)
            if isinstance(record, str):
                note_damage(chunk, number, record)
            elif why := _take_line(record, table, chunk):
                note_damage(chunk, number, why)
        table.fill(chunk)
        return chunk


def is_zeek_line(line: bytes) -> bool:
    """Whether this is a record of one of the logs that are read."""
    record = decode_line(line, _DECODER)
    return not isinstance(record, str) and bool(record.source) and _find_log(record) is not None


def _find_log(line: _Line) -> ZeekLog | None:
    if line.path:
        return _NAMES.get(line.path)
    if line.conn_state:
        return "conn"
    if line.trans_depth is not None or line.method:
        return "http"
    return "dns" if line.query is not None or line.answers or line.rcode is not None else None


def _take_line(line: _Line, table: ContactTable, chunk: FlowChunk) -> str:
    log = _find_log(line)
    if log is None:
        note_left_out(chunk, "a record of another log of Zeek")
        return ""
    record = ZeekRecord(
        at=read_time(line.ts),
        source=to_bytes(line.source),
        destination=to_bytes(line.destination),
        port=b"%d" % line.port,
        protocol=to_bytes(line.proto),
        state=to_bytes(line.conn_state),
        method=to_bytes(line.method),
        path=to_bytes(line.uri),
        version=to_bytes(line.version),
        answers=tuple(to_bytes(text) for text in line.answers[:MOST_ANSWERS]),
    )
    return take_record(log, record, table, chunk)
