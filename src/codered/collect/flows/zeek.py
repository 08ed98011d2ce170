"""What Zeek's logs mean, whichever way they are written: conn.log, http.log, dns.log.

RSTOS0 and SH: the originator gave up (RST, FIN) and no SYN-ACK was seen: silent. RSTRH, SHR: only the responder was
seen, OTH: the middle of a connection: nobody's attempt was seen.
"""

from importlib.resources import files
from typing import Literal

import msgspec

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import (
    Answer,
    Asked,
    FlowChunk,
    is_port,
    is_time,
    make_request,
    note_left_out,
)
from codered.collect.flows.contacts import ContactTable
from codered.model.traffic import Outcome, Transport

ZeekLog = Literal["conn", "http", "dns"]
MOST_ANSWERS = 64  # addresses of one answer

_STATES = msgspec.json.decode(
    (files("codered.collect.flows") / "zeek_states.json").read_bytes(),
    type=dict[str, Literal["answered", "refused", "silent", "no attempt"]],
)
OUTCOMES: dict[bytes, Outcome] = {name.encode(): word for name, word in _STATES.items() if word != "no attempt"}
NO_ATTEMPT = frozenset(name.encode() for name in _STATES if name.encode() not in OUTCOMES)
TRANSPORTS: dict[bytes, Transport] = {b"tcp": "tcp", b"udp": "udp"}


class ZeekRecord(msgspec.Struct, gc=False):
    """The fields of a record that are wanted, as bytes; b"" = unset."""

    at: float
    source: bytes
    destination: bytes
    port: bytes
    protocol: bytes = b""
    state: bytes = b""
    method: bytes = b""
    path: bytes = b""
    version: bytes = b""
    answers: tuple[bytes, ...] = ()


def take_record(log: ZeekLog, record: ZeekRecord, table: ContactTable, chunk: FlowChunk) -> str:
    """Put a record where it belongs; the answer is why it can't be one ("" = it can)."""
    if not is_time(record.at):
        return "its time can't be one"
    if log == "dns":
        return _take_answers(record, chunk)
    if not pack_address(record.source) or not pack_address(record.destination):
        return "an address can't be one"
    if not record.port.isdigit() or len(record.port) > 5 or not is_port(int(record.port)):
        return "its port can't be one"
    if log == "conn":
        return _take_contact(record, table, chunk)
    if not record.method:
        note_left_out(chunk, "an http record without a request")
        return ""
    data = make_request(record.method, record.path, record.version)
    source, destination = pack_address(record.source), pack_address(record.destination)
    chunk.asked.append(Asked(record.at, source, destination, int(record.port), data))
    return ""


def note_no_attempt(state: bytes, protocol: bytes, chunk: FlowChunk, count: int = 1) -> str:
    """Records of a conn.log that no attempt was made of: counted, or the answer says why they can't be records."""
    if state not in OUTCOMES and state not in NO_ATTEMPT:
        return "its conn_state is none of Zeek's"
    if protocol not in TRANSPORTS:
        note_left_out(chunk, "neither tcp nor udp", count)
    else:
        note_left_out(chunk, "no attempt was seen (the middle of a connection, or only the answer)", count)
    return ""


def _take_contact(record: ZeekRecord, table: ContactTable, chunk: FlowChunk) -> str:
    outcome, protocol = OUTCOMES.get(record.state), TRANSPORTS.get(record.protocol)
    if outcome is None or protocol is None:
        return note_no_attempt(record.state, record.protocol, chunk)
    key = (record.source, record.destination, int(record.port), protocol, outcome, record.at // 60)
    table.add(key, record.at)
    return ""


def _take_answers(record: ZeekRecord, chunk: FlowChunk) -> str:
    client = pack_address(record.source)
    if not client:
        return "an address can't be one"
    for text in record.answers[:MOST_ANSWERS]:
        if address := pack_address(text):
            chunk.answers.append(Answer(record.at, client, address))
    return ""
