"""Addresses as text, packed. The same few come up again and again, so the last ones are remembered."""

import socket

_MOST_KNOWN = 1 << 17
_known: dict[bytes, bytes] = {}


def pack_address(text: bytes) -> bytes:
    """4 or 16 bytes; b"" if it is no address. An IPv4 address written as IPv6 is IPv4."""
    packed = _known.get(text)
    if packed is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        packed = _known[text] = _pack(text)
    return packed


def show_address(packed: bytes) -> str:
    """The address as text; what is none is shown escaped."""
    if len(packed) == 4:
        return socket.inet_ntop(socket.AF_INET, packed)
    if len(packed) == 16:
        return socket.inet_ntop(socket.AF_INET6, packed)
    return packed.decode(errors="backslashreplace")


def _pack(text: bytes) -> bytes:
    if len(text) > 64 or not text.isascii():
        return b""
    name = text.decode("ascii").partition("%")[0]  # fe80::1%eth0
    if "\0" in name:
        return b""
    try:
        if ":" not in name:
            return socket.inet_pton(socket.AF_INET, name)
        packed = socket.inet_pton(socket.AF_INET6, name)
    except OSError:
        return b""
    return packed[12:] if packed.startswith(b"\0" * 10 + b"\xff\xff") else packed
