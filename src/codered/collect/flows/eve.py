"""Suricata's EVE: a JSON object a line, of which flow, netflow, http and dns say who reached for whom."""

from importlib.resources import files
from typing import Any

import msgspec

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import (
    Answer,
    Asked,
    FlowChunk,
    OneWay,
    is_port,
    is_time,
    make_chunk,
    make_request,
    note_damage,
    note_left_out,
)
from codered.collect.flows.contacts import ContactKey, ContactTable
from codered.collect.flows.json_lines import decode_line, to_bytes
from codered.collect.flows.lines import Block
from codered.collect.flows.times import read_time
from codered.collect.flows.zeek import MOST_ANSWERS
from codered.model.traffic import Outcome, Transport

SYN, RST, ACK = 0x02, 0x04, 0x10
_LEFT_OUT = frozenset(
    msgspec.json.decode((files("codered.collect.flows") / "eve_left_out.json").read_bytes(), type=list[str])
)
_TYPE = b'"event_type":"'
_Alike = tuple[Any, ...]
_MOST_KNOWN = 1 << 17
_TRANSPORTS: dict[str, Transport] = {"TCP": "tcp", "UDP": "udp", "tcp": "tcp", "udp": "udp"}


class _Flow(msgspec.Struct, gc=False):
    start: str = ""
    state: str = ""
    pkts_toclient: int = -1


class _Tcp(msgspec.Struct, gc=False):
    tcp_flags: str = ""
    tcp_flags_ts: str = ""
    tcp_flags_tc: str = ""


class _Http(msgspec.Struct, gc=False):
    http_method: str = ""
    url: str = ""
    protocol: str = ""


class _DnsAnswer(msgspec.Struct, gc=False):
    rdata: str = ""


class _Dns(msgspec.Struct, gc=False):
    type: str = ""
    rdata: str = ""
    answers: list[_DnsAnswer] = []


class _Event(msgspec.Struct, gc=False):
    timestamp: str = ""
    event_type: str = ""
    src_ip: str = ""
    src_port: int = 0
    dest_ip: str = ""
    dest_port: int = 0
    proto: str = ""
    flow: _Flow | None = None
    netflow: _Flow | None = None
    tcp: _Tcp | None = None
    http: _Http | None = None
    dns: _Dns | None = None


_DECODER = msgspec.json.Decoder(_Event)


class _Repeated:
    """A contact that came before, and how often again."""

    __slots__ = ("count", "key")

    def __init__(self, key: ContactKey) -> None:
        self.key, self.count = key, 0


class EveLines:
    """Reads blocks in any order: each line says by itself what it is."""

    by_line = True

    def __init__(self) -> None:
        self._known: dict[_Alike, _Repeated] = {}

    def follow(self, block: Block) -> None:
        """Nothing in one block is said of the next."""

    def read(self, block: Block) -> FlowChunk:
        """The records of a block. A flow like one of the same minute, also of an earlier block, is only counted."""
        chunk, table = make_chunk(), ContactTable()
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        for number, line in enumerate(block.data.split(b"\n"), block.line):
            try:
                event = _DECODER.decode(line)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                self._read_line(line, number, table, chunk)
                continue
            chunk.records += 1
            flow = event.flow
            if flow is not None and event.event_type == "flow":
                tcp = event.tcp
                alike: _Alike = (
                    event.src_ip, event.dest_ip, event.dest_port, event.proto, (flow.start or event.timestamp)[:17],
                    flow.state, flow.pkts_toclient > 0, tcp and tcp.tcp_flags_ts, tcp and tcp.tcp_flags_tc,
                )  # fmt: skip
                if (before := self._known.get(alike)) is not None:
                    before.count += 1
                    continue
                table.latest = None
                why = _take_event(event, table, chunk)
                if table.latest is not None:
                    self._known[alike] = _Repeated(table.latest)
            else:
                why = _take_event(event, table, chunk)
            if why:
                note_damage(chunk, number, why)
        for known in self._known.values():
            if known.count:
                table.add_again(known.key, known.count)
                known.count = 0
        table.fill(chunk)
        return chunk

    def _read_line(self, line: bytes, number: int, table: ContactTable, chunk: FlowChunk) -> None:
        if not line or line.isspace():
            return
        chunk.records += 1
        if word := _passed_over(line):
            note_left_out(chunk, word)
            return
        event = decode_line(line, _DECODER)
        why = event if isinstance(event, str) else _take_event(event, table, chunk)
        if why:
            note_damage(chunk, number, why)


def is_eve_line(line: bytes) -> bool:
    """Whether this is a record of EVE, of whatever type."""
    event = decode_line(line, _DECODER)
    return not isinstance(event, str) and bool(event.event_type and event.timestamp)


def _passed_over(line: bytes) -> str:
    """The type of an event that says nothing of attempts, told without decoding it; "" = decode it."""
    start = line.find(_TYPE) + len(_TYPE)
    if start < len(_TYPE):
        return ""
    word = line[start : start + 24].partition(b'"')[0].decode("ascii", "replace")
    return f"{word} events" if word in _LEFT_OUT else ""


def _take_event(event: _Event, table: ContactTable, chunk: FlowChunk) -> str:
    kind = event.event_type
    if kind not in ("flow", "netflow", "http", "dns"):
        note_left_out(chunk, f"{kind[:24]} events" if kind == "alert" or kind in _LEFT_OUT else "events of other types")
        return ""
    flow = event.flow if kind == "flow" else event.netflow if kind == "netflow" else None
    at = read_time(flow.start if flow and flow.start else event.timestamp)
    source, destination = to_bytes(event.src_ip), to_bytes(event.dest_ip)
    here, there = pack_address(source), pack_address(destination)
    if not is_time(at):
        return "its time can't be one"
    if not here or not there:
        return "an address can't be one"
    if not is_port(event.src_port) or not is_port(event.dest_port):
        return "its port can't be one"
    if event.http is not None and kind == "http":
        _take_request(event, Asked(at, here, there, event.dest_port, b""), chunk)
    elif event.dns is not None and kind == "dns":
        _take_answers(event.dns, at, there if event.src_port == 53 else here, chunk)
    elif flow is not None and (protocol := _TRANSPORTS.get(event.proto)) is None:
        note_left_out(chunk, "neither tcp nor udp")
    elif flow is not None and kind == "netflow":
        flags = _read_flags(event.tcp.tcp_flags) if event.tcp else -1
        assert protocol is not None
        chunk.one_way.append(OneWay(at, here, there, event.src_port, event.dest_port, protocol, flags))
    elif flow is not None:
        assert protocol is not None
        outcome = _judge_udp(flow) if protocol == "udp" else _judge_tcp(flow, event.tcp)
        if outcome is None:
            note_left_out(chunk, "no attempt was seen (the middle of a connection, or only the answer)")
        else:
            table.add((source, destination, event.dest_port, protocol, outcome, at // 60), at)
    else:
        return f"a {kind} event without its {kind}"
    return ""


def _take_request(event: _Event, asked: Asked, chunk: FlowChunk) -> None:
    http = event.http
    if http is None or not http.http_method:
        note_left_out(chunk, "an http record without a request")
        return
    asked.data = make_request(to_bytes(http.http_method), to_bytes(http.url), to_bytes(http.protocol))
    chunk.asked.append(asked)


def _take_answers(dns: _Dns, at: float, client: bytes, chunk: FlowChunk) -> None:
    texts = [dns.rdata, *(answer.rdata for answer in dns.answers[:MOST_ANSWERS])]
    for text in texts:
        if text and (address := pack_address(to_bytes(text))):
            chunk.answers.append(Answer(at, client, address))


def _judge_udp(flow: _Flow) -> Outcome:
    return "answered" if flow.pkts_toclient > 0 else "silent"


def _judge_tcp(flow: _Flow, tcp: _Tcp | None) -> Outcome | None:
    """None = no attempt was seen. Without flags (a flow of an old Suricata) its state tells."""
    there, back = (_read_flags(tcp.tcp_flags_ts), _read_flags(tcp.tcp_flags_tc)) if tcp else (-1, -1)
    if there < 0:
        if flow.pkts_toclient <= 0:
            return "silent"
        return "answered" if flow.state in ("established", "closed", "bypassed") else "refused"
    if not there & SYN:
        return None
    if back > 0 and back & SYN:
        return "answered"
    return "refused" if back > 0 and back & RST else "silent"


def _read_flags(text: str) -> int:
    """TCP flags as two hexadecimal digits; -1 for none."""
    try:
        return int(text, 16) & 0xFF if text and len(text) <= 4 else -1
    except ValueError:
        return -1
