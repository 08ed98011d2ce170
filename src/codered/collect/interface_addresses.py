"""The addresses of each network interface, as the kernel tells over netlink."""

import ipaddress
import socket
import struct

_HEAD = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_ADDRESS = struct.Struct("=BBBBI")  # family, prefix, flags, scope, index of the interface
_ATTRIBUTE = struct.Struct("=HH")
_ASK, _NEW, _DUMP, _DONE, _ERROR = 22, 20, 0x301, 3, 2
_PLAIN, _LOCAL = 1, 2  # kinds of attribute: the address, and ours where that one is of the cable's other end
_MOST_ANSWERS = 256
_MOST_EACH = 256
_SECONDS = 2.0


def list_addresses() -> dict[str, tuple[str, ...]]:
    """Name of the interface -> `10.0.0.5/24`, `fe80::1/64`. Raises OSError if the kernel tells nothing."""
    if not hasattr(socket, "AF_NETLINK"):
        raise OSError("this system has no netlink")
    found: dict[int, list[str]] = {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0) as channel:
        channel.settimeout(_SECONDS)
        question = _ADDRESS.pack(0, 0, 0, 0, 0)
        channel.send(_HEAD.pack(_HEAD.size + len(question), _ASK, _DUMP, 1, 0) + question)
        for _ in range(_MOST_ANSWERS):
            if read_answer(channel.recv(1 << 16), found):
                break
    return {_name(index): tuple(each[:_MOST_EACH]) for index, each in found.items()}


def read_answer(raw: bytes, found: dict[int, list[str]]) -> bool:
    """Adds what one answer says, by the interface's number; whether it was the last. Raises OSError for a refusal."""
    at = 0
    while at + _HEAD.size <= len(raw):
        length, kind, _, _, _ = _HEAD.unpack_from(raw, at)
        if kind == _DONE:
            return True
        if kind == _ERROR or length < _HEAD.size:
            raise OSError("the kernel does not tell our addresses")
        if kind == _NEW and length >= _HEAD.size + _ADDRESS.size:
            _, prefix, _, _, index = _ADDRESS.unpack_from(raw, at + _HEAD.size)
            address = _read_address(raw[at + _HEAD.size + _ADDRESS.size : at + length])
            if address:
                found.setdefault(index, []).append(f"{address}/{prefix}")
        at += (length + 3) & ~3
    return False


def _read_address(raw: bytes) -> str:
    seen: dict[int, bytes] = {}
    at = 0
    while at + _ATTRIBUTE.size <= len(raw):
        size, kind = _ATTRIBUTE.unpack_from(raw, at)
        if size < _ATTRIBUTE.size:
            break
        if size - _ATTRIBUTE.size in (4, 16):
            seen[kind] = raw[at + _ATTRIBUTE.size : at + size]
        at += (size + 3) & ~3
    packed = seen.get(_LOCAL, seen.get(_PLAIN, b""))
    return str(ipaddress.ip_address(packed)) if len(packed) in (4, 16) else ""


def _name(index: int) -> str:
    try:
        return socket.if_indextoname(index)
    except OSError:
        return f"#{index}"
