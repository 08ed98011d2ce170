"""NetBIOS name service packets (RFC 1002): the questions we put, and their answers read with distrust."""

import struct
from typing import NamedTuple

_STATUS, _ADDRESS, _CLASS = 0x21, 0x20, 1
_RESPONSE, _CODE = 0x8000, 0x000F
_GROUP = 0x8000
_RECURSION = 0x0100
_HEADER = struct.Struct(">6H")
_NAMES_MOST = 255
_LABELS_MOST = 16


class Malformed(Exception):
    """An answer that is not what it should be, and why: one short reason."""


class OwnName(NamedTuple):
    """A name that a host claims: its text, its suffix (what it is for) and whether it is a group's."""

    text: str
    suffix: int
    group: bool


class StatusAnswer(NamedTuple):
    """What a node status answer holds; the MAC as it was written."""

    names: tuple[OwnName, ...]
    mac: str


def write_status_question(number: int) -> bytes:
    """Which names do you hold?"""
    return _HEADER.pack(number, 0, 1, 0, 0, 0) + _encode("*", 0) + struct.pack(">HH", _STATUS, _CLASS)


def write_name_question(number: int, name: str, suffix: int = 0) -> bytes:
    """Which address does this name (at most 15 ASCII characters) have? For a WINS server."""
    question = _encode(name.upper(), suffix) + struct.pack(">HH", _ADDRESS, _CLASS)
    return _HEADER.pack(number, _RECURSION, 1, 0, 0, 0) + question


def _encode(name: str, suffix: int) -> bytes:
    padded = b"*".ljust(16, b"\0") if name == "*" else name.encode("ascii")[:15].ljust(15) + bytes([suffix])
    return b"\x20" + bytes(part for octet in padded for part in (0x41 + (octet >> 4), 0x41 + (octet & 15))) + b"\0"


def read_status(packet: bytes) -> StatusAnswer:
    """The names and the MAC of a node status answer. Raises Malformed."""
    data = _read_record(packet, _STATUS)
    if not data:
        raise Malformed("an empty node status answer")
    count = data[0]
    if count > _NAMES_MOST or 1 + count * 18 + 6 > len(data):
        raise Malformed(f"{count} names announced in {len(data)} octets")
    names = []
    for at in range(1, 1 + count * 18, 18):
        text, suffix, flags = struct.unpack_from(">15sBH", data, at)
        names.append(OwnName(_read_text(text), suffix, bool(flags & _GROUP)))
    at = 1 + count * 18
    return StatusAnswer(tuple(names), data[at : at + 6].hex(":"))


def read_addresses(packet: bytes) -> tuple[str, ...]:
    """The IPv4 addresses of a name query's answer; none = the server does not know the name. Raises Malformed."""
    if len(packet) >= _HEADER.size and packet[2] & 0x80 and packet[3] & _CODE == 3:
        return ()
    data = _read_record(packet, _ADDRESS)
    if not data or len(data) % 6:
        raise Malformed(f"{len(data)} octets of addresses")
    return tuple(".".join(map(str, data[at + 2 : at + 6])) for at in range(0, len(data), 6))


def _read_record(packet: bytes, kind: int) -> bytes:
    """The data of the first answer, which must be of this kind."""
    if len(packet) < _HEADER.size:
        raise Malformed("an answer shorter than its header")
    _, flags, questions, answers, _, _ = _HEADER.unpack_from(packet)
    if not flags & _RESPONSE:
        raise Malformed("a question in place of an answer")
    if flags & _CODE:
        raise Malformed(f"the answer is error {flags & _CODE}")
    if questions > 1 or not answers:
        raise Malformed(f"{questions} questions and {answers} answers in it")
    at = _HEADER.size
    if questions:
        at = _skip_name(packet, at) + 4
    at = _skip_name(packet, at)
    if at + 10 > len(packet):
        raise Malformed("it ends within its answer")
    found, of, _, length = struct.unpack_from(">HHIH", packet, at)
    if (found, of) != (kind, _CLASS):
        raise Malformed(f"an answer of type {found}, class {of}")
    data = packet[at + 10 : at + 10 + length]
    if len(data) < length:
        raise Malformed("it ends within its data")
    return data


def _skip_name(packet: bytes, at: int) -> int:
    """The place behind a name; pointers are stepped over and never followed."""
    for _ in range(_LABELS_MOST):
        if at >= len(packet):
            raise Malformed("it ends within a name")
        length = packet[at]
        if length >= 0xC0:
            return at + 2
        at += 1 + length
        if not length:
            return at
    raise Malformed(f"a name of more than {_LABELS_MOST} parts")


def _read_text(raw: bytes) -> str:
    """A name as a DOS code page wrote it: what is not ASCII is shown, never guessed."""
    text = raw.rstrip(b" \0").decode("ascii", errors="backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
