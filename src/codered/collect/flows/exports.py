"""NetFlow v5, v9 and IPFIX as files of export packets, decoded by the `netflow` package where it is installed."""

import importlib
import struct
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.util import find_spec
from typing import Any, Protocol

import msgspec

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import FlowChunk, OneWay, is_port, is_time, make_chunk, note_damage, note_left_out
from codered.collect.flows.export_framing import ExportPacket, cut_packets
from codered.collect.flows.lines import read_pieces
from codered.collect.log_unpacking import UnpackingStopped
from codered.model.traffic import Transport

_CHUNK = 2000  # packets
_MOST_DOMAINS = 256
_PROTOCOLS: dict[int, Transport] = {6: "tcp", 17: "udp"}


class _Fields(msgspec.Struct):
    """The decoder's names of what is wanted, for one version; "" = it has none."""

    source: list[str]
    destination: list[str]
    source_port: str
    port: str
    protocol: str
    flags: str
    uptime: str
    seconds: str
    milliseconds: str


_FIELDS = {
    int(version): fields
    for version, fields in msgspec.json.decode(
        (files("codered.collect.flows") / "export_fields.json").read_bytes(), type=dict[str, _Fields]
    ).items()
}


def has_decoder() -> bool:
    """Whether the package that decodes NetFlow is installed."""
    return find_spec("netflow") is not None


def read_exports(descriptor: int) -> Iterator[FlowChunk]:
    """All records of a file of export packets; the number of a damaged "line" is that of its packet."""
    decoder = _Decoder()
    chunk, packets = make_chunk(), 0
    try:
        for packet in cut_packets(read_pieces(descriptor)):
            if isinstance(packet, int):
                if packet:
                    chunk.trouble = f"the last {packet} bytes are no whole export packet"
                break
            packets += 1
            decoder.read(packet, packets, chunk)
            if packets % _CHUNK == 0:
                yield chunk
                chunk = make_chunk()
    except (UnpackingStopped, OSError) as reason:
        chunk.trouble = str(reason)
    yield chunk


class _Header(Protocol):
    """What the decoder keeps of a packet's header; which of them are there depends on the version."""

    uptime: int  # milliseconds
    timestamp: int  # seconds since the epoch
    timestamp_nano: int
    export_uptime: int  # IPFIX: seconds since the epoch, whatever its name says


class _Flow(Protocol):
    data: Mapping[str, Any]


class _Parsed(Protocol):
    header: _Header
    flows: list[_Flow]


class _Decoder:
    def __init__(self) -> None:
        self._v5 = importlib.import_module("netflow.v5")
        self._v9 = importlib.import_module("netflow.v9")
        self._ipfix = importlib.import_module("netflow.ipfix")
        ipfix = self._ipfix
        self._errors: tuple[type[Exception], ...] = (
            struct.error, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, NotImplementedError,
            AssertionError, RuntimeError, ipfix.IPFIXMalformedRecord, ipfix.IPFIXRFCError, ipfix.IPFIXMalformedPacket,
            ipfix.IPFIXTemplateError, ipfix.PaddingCalculationError,
        )  # fmt: skip
        self._templates: dict[tuple[int, int], dict[int, Any]] = {}

    def read(self, packet: ExportPacket, number: int, chunk: FlowChunk) -> None:
        """Put the flows of a packet into the chunk."""
        if packet.why:
            note_damage(chunk, number, packet.why)
        if not packet.data:
            return
        try:
            parsed = self._parse(packet)
        except self._errors as error:  # the decoder says so in many ways
            note_damage(chunk, number, f"not decoded: {type(error).__name__} {str(error)[:80]}")
            return
        for flow in parsed.flows:
            chunk.records += 1
            if why := _take_flow(packet.version, flow.data, parsed.header, chunk):
                note_damage(chunk, number, why)

    def _parse(self, packet: ExportPacket) -> _Parsed:
        if packet.version == 5:
            flows: _Parsed = self._v5.V5ExportPacket(packet.data)
            return flows
        key = (packet.version, packet.domain)
        if key not in self._templates and len(self._templates) >= _MOST_DOMAINS:
            raise ValueError("more exporters than can be told apart")
        templates = self._templates.setdefault(key, {})
        make = self._v9.V9ExportPacket if packet.version == 9 else self._ipfix.IPFIXExportPacket
        parsed: _Parsed = make(packet.data, templates)
        return parsed


def _take_flow(version: int, flow: Mapping[str, Any], header: _Header, chunk: FlowChunk) -> str:
    """Put a flow into the chunk, or say why it can't be one."""
    fields = _FIELDS[version]
    protocol = _PROTOCOLS.get(_number(flow, fields.protocol))
    if protocol is None:
        note_left_out(chunk, "neither tcp nor udp")
        return ""
    source, destination = _find_address(flow, fields.source), _find_address(flow, fields.destination)
    ports = (_number(flow, fields.source_port), _number(flow, fields.port))
    at = _find_time(version, flow, header)
    if not source or not destination:
        return "a flow without its addresses"
    if not is_port(ports[0]) or not is_port(ports[1]):
        return "a flow without its ports"
    if not is_time(at):
        return "its time can't be one"
    flags = _number(flow, fields.flags)
    chunk.one_way.append(OneWay(at, source, destination, *ports, protocol, flags if flags < 0 else flags & 0xFF))
    return ""


def _number(flow: Mapping[str, Any], name: str) -> int:
    value = flow.get(name, -1)
    return value if isinstance(value, int) else -1


def _find_address(flow: Mapping[str, Any], names: list[str]) -> bytes:
    for name in names:
        value = flow.get(name)
        if isinstance(value, str):
            return pack_address(value.encode("utf-8", "replace"))
        if isinstance(value, int) and value >= 0:
            size = 16 if "IPv6" in name or "IPV6" in name else 4
            return value.to_bytes(size, "big") if value < 1 << (8 * size) else b""
    return b""


def _find_time(version: int, flow: Mapping[str, Any], header: _Header) -> float:
    """When the flow began, in seconds since the epoch; that of its export if the flow does not say."""
    fields = _FIELDS[version]
    if fields.milliseconds and (value := _number(flow, fields.milliseconds)) > 0:
        return value / 1e3
    if fields.seconds and (value := _number(flow, fields.seconds)) > 0:
        return float(value)
    if version == 10:
        return float(header.export_uptime)
    uptime = _number(flow, fields.uptime)
    at = header.timestamp + (header.timestamp_nano / 1e9 if version == 5 and header.timestamp_nano < 1e9 else 0.0)
    if uptime < 0:
        return float(at)
    age = (header.uptime - uptime) & 0xFFFFFFFF  # milliseconds; the router's clock turns over after 49 days
    return float(at) - age / 1e3 if age < 1 << 31 else float(at)
