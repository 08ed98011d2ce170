"""Example traffic: the first bytes that somebody sends, as data. Inert: nothing is ever sent."""

import ipaddress
from pathlib import Path

import msgspec

from codered.model.errors import WrongUse
from codered.model.traffic import Sent, Transport
from codered.packs.decoding import decode_document
from codered.packs.strict_yaml import Document, read_document, shorten, show_path

MOST_SENT = 256
MOST_BYTES = 2048  # of one payload: no source gives more
MOST_PORT = 65535
_SERVER = ipaddress.ip_address("198.51.100.1").packed


class SentExample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One payload, as exactly one of `text` (UTF-8) and `hex`: to which port, by which protocol, and who sends it."""

    port: int
    protocol: Transport = "tcp"
    sender: str = "192.0.2.1"
    text: str | None = None
    hex: str | None = None


class TrafficExample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent, in this order."""

    about: str
    sent: tuple[SentExample, ...]


def read_traffic(example: Path) -> tuple[Sent, ...]:
    """What an example sends, a second apart, each to a server that was never asked before. Raises WrongUse with file
    and line.
    """
    document = read_document(example)
    described = decode_document(document, TrafficExample)
    if not 0 < len(described.sent) <= MOST_SENT:
        advice = f"an example sends 1 to {MOST_SENT} payloads"
        raise WrongUse(f"sends {len(described.sent)} payloads", where=show_path(example), advice=advice)
    return tuple(_make_sent(document, number, item) for number, item in enumerate(described.sent))


def _make_sent(document: Document, number: int, item: SentExample) -> Sent:
    where = document.place_of("sent", number)
    if not 1 <= item.port <= MOST_PORT:
        raise WrongUse(f"{item.port} is no port", where=where, advice=f"a port is 1 to {MOST_PORT}")
    try:
        sender = ipaddress.ip_address(item.sender).packed
    except ValueError:
        what = f"`{shorten(item.sender)}` is no address"
        raise WrongUse(what, where=where, advice="write one of 192.0.2.0/24") from None
    data = _read_bytes(item, where)
    if not 0 < len(data) <= MOST_BYTES:
        raise WrongUse(f"has {len(data)} bytes", where=where, advice=f"a payload has 1 to {MOST_BYTES} bytes")
    server = (int.from_bytes(_SERVER) + number).to_bytes(len(_SERVER))
    return Sent(float(number), sender, sender, server, item.port, data, item.protocol)


def _read_bytes(item: SentExample, where: str) -> bytes:
    if (item.text is None) == (item.hex is None):
        raise WrongUse("neither text nor hex, or both", where=where, advice="give exactly one of text and hex")
    if item.text is not None:
        return item.text.encode()
    try:
        return bytes.fromhex(item.hex or "")
    except ValueError:
        raise WrongUse("not hexadecimal", where=where, advice="write two digits for each byte") from None
