"""NetFlow v5, v9 and IPFIX export packets laid end to end in a file: where each ends, and whether it is safe to decode.

The decoder trusts its input: lengths of 0 keep it in a loop for ever, and an address of an odd length too. Every packet
is therefore walked through here first, and only templates and flows that it can decode are left in it.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

MOST_PACKET = 1 << 16
_V9_ADDRESSES = frozenset((8, 12, 15, 18, 27, 28, 62, 63))
_MOST_FIELDS = 512
_MOST_TEMPLATES = 4096
_LEAST_RECORD = 8  # bytes: two addresses; a packet of tinier ones takes the decoder seconds


class ExportPacket(NamedTuple):
    """One packet of `size` bytes in the file. `data` is what of it may be decoded, `why` says what was taken out;
    `domain` is who sent it (templates are his).
    """

    version: int
    domain: int
    size: int
    data: bytes
    why: str = ""


class Framing:
    """Cuts packets off the front of what was read so far; knows the templates' lengths."""

    def __init__(self) -> None:
        self._sizes: dict[tuple[int, int, int], int] = {}  # (version, domain, template) -> bytes of a record
        self._options: set[tuple[int, int, int]] = set()

    def cut(self, data: bytes, at: int, ended: bool) -> ExportPacket | None:
        """The packet at this place; None = more bytes are needed, or there is no packet (when `ended`)."""
        version = int.from_bytes(data[at : at + 2], "big")
        size = self._measure(data, at, version, ended)
        if size is None or at + size > len(data):
            return None
        packet = data[at : at + size]
        if version == 5:
            return ExportPacket(5, 0, size, packet)
        domain = int.from_bytes(packet[16:20] if version == 9 else packet[12:16], "big")
        try:
            kept, why = self._clean(packet, version, domain)
        except (struct.error, IndexError):
            kept, why = b"", "its lengths do not fit"
        return ExportPacket(version, domain, size, kept, why)

    def _measure(self, data: bytes, at: int, version: int, ended: bool) -> int | None:
        if len(data) - at < 24:
            return 16 if version == 10 and len(data) - at >= 16 and data[at + 2 : at + 4] == b"\0\x10" else None
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if version == 5:
            return 24 + 48 * length if length <= 30 else None
        if version == 10:
            return length if length >= 16 else None
        if version != 9:
            return None
        end = at + 20
        while True:  # v9 does not say how long it is: sets follow until something begins that is none
            if len(data) - end < 4:
                return end - at if ended or end - at > MOST_PACKET else None
            kind, size = struct.unpack_from("!HH", data, end)
            if 1 < kind < 256 or size < 4:
                return end - at
            end += size

    def _clean(self, packet: bytes, version: int, domain: int) -> tuple[bytes, str]:
        at = head = 20 if version == 9 else 16
        kept, why = [], ""
        while at < len(packet):
            kind, size = struct.unpack_from("!HH", packet, at)
            if size < 4 or at + size > len(packet):
                why = "a set longer than its packet"
                break
            bad, flows = "", True
            if kind == (0 if version == 9 else 2):
                bad = self._take_templates(packet[at + 4 : at + size], version, domain)
            elif kind in (1, 3):
                flows = self._take_options(packet[at + 4 : at + size], version, domain)
            elif (version, domain, kind) in self._options:
                flows = False
            elif kind >= 256 and (version, domain, kind) not in self._sizes:
                bad = "records whose template was not seen, or can't be decoded"
            if flows and not bad:
                kept.append(packet[at : at + size])
            why = why or bad
            at += size
        body = b"".join(kept)
        start = packet[:head]
        if version == 10:
            start = start[:2] + (head + len(body)).to_bytes(2, "big") + start[4:]
        return start + body if body else b"", why

    def _take_options(self, body: bytes, version: int, domain: int) -> bool:
        """Remember which records are options: they say nothing of flows, and never reach the decoder. Always False."""
        at = 0
        while len(body) - at >= 6 and len(self._options) < _MOST_TEMPLATES:
            number, first, second = struct.unpack_from("!HHH", body, at)
            at += 6
            if number < 256:
                break
            self._options.add((version, domain, number))
            self._sizes.pop((version, domain, number), None)
            if version == 9:
                at += first + second
            else:
                for _ in range(min(first, _MOST_FIELDS)):
                    at += 8 if body[at : at + 1] >= b"\x80" else 4
        return False

    def _take_templates(self, body: bytes, version: int, domain: int) -> str:
        at = 0
        while len(body) - at >= 4:
            number, count = struct.unpack_from("!HH", body, at)
            at += 4
            if number < 256 and not body[at - 4 :].strip(b"\0"):
                return ""  # padding
            if not 0 < count <= _MOST_FIELDS or number < 256:
                return "a template without fields, or with absurdly many"
            total = 0
            for _ in range(count):
                kind, size = struct.unpack_from("!HH", body, at)
                at += 8 if version == 10 and kind & 0x8000 else 4
                if not 0 < size < 0xFFFF:
                    return "a template with fields of no fixed length"
                if version == 9 and kind in _V9_ADDRESSES and size not in (4, 16):
                    return "a template with addresses of an odd length"
                total += size
            if len(self._sizes) >= _MOST_TEMPLATES:
                return "more templates than any exporter has"
            if total < _LEAST_RECORD:
                return "a template too short for a flow"
            self._sizes[version, domain, number] = total
            self._options.discard((version, domain, number))
        return ""


def cut_packets(pieces: Iterator[bytes]) -> Iterator[ExportPacket | int]:
    """Every packet; at last the number of bytes that were left over (0 = none) because no packet begins there."""
    framing, data, at = Framing(), b"", 0
    for piece in pieces:
        data, at = data[at:] + piece, 0
        while packet := framing.cut(data, at, ended=False):
            yield packet
            at += packet.size
        if len(data) - at > 2 * MOST_PACKET:
            break
    while packet := framing.cut(data, at, ended=True):
        yield packet
        at += packet.size
    yield len(data) - at
