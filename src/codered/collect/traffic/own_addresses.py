"""The addresses of this host, in the network namespace of the thread that asks."""

import socket
import struct
import time

_ASK, _NEW, _DUMP = 22, 20, 0x301
_HEAD = struct.Struct("=IHHII")
_ADDRESS = struct.Struct("=BBBBI")
_DONE, _ERROR = 3, 2
_LOCAL, _PLAIN = 2, 1  # kinds of attribute: ours, and that of the cable's other end (where there is no LOCAL)
_MOST_ANSWERS = 256
_AGAIN = 0.5  # seconds after which an unknown address is asked for again
_SECONDS = 2.0
_LOOPBACK = bytes(15) + b"\x01"


class OwnAddresses:
    """Knows them, and asks again when one is not known, `again` seconds after the last time at the soonest. The socket
    stays in the namespace it was made in. Raises OSError if the kernel tells nothing.
    """

    def __init__(self, again: float = _AGAIN) -> None:
        self._again = again
        self._channel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._channel.settimeout(_SECONDS)
        self._asked = 0.0
        try:
            self._known = self._ask()
        except OSError:
            self._channel.close()
            raise

    def __contains__(self, address: bytes) -> bool:
        if address in self._known or address[:1] == b"\x7f" or address == _LOOPBACK:
            return True
        if time.monotonic() - self._asked < self._again:
            return False
        try:
            self._known = self._ask()
        except OSError:
            return False
        return address in self._known

    def close(self) -> None:
        """Ask no more."""
        self._channel.close()

    def _ask(self) -> frozenset[bytes]:
        self._asked = time.monotonic()
        question = _ADDRESS.pack(0, 0, 0, 0, 0)
        self._channel.send(_HEAD.pack(_HEAD.size + len(question), _ASK, _DUMP, 1, 0) + question)
        found: set[bytes] = set()
        for _ in range(_MOST_ANSWERS):
            raw = self._channel.recv(1 << 16)
            if parse_answer(raw, found):
                break
        return frozenset(found)


def parse_answer(raw: bytes, found: set[bytes]) -> bool:
    """Adds the addresses of the kernel's answer; whether it was the last. Raises OSError if it is a refusal."""
    at = 0
    while at + _HEAD.size <= len(raw):
        length, kind, _, _, _ = _HEAD.unpack_from(raw, at)
        if kind == _DONE:
            return True
        if kind == _ERROR or length < _HEAD.size:
            raise OSError("the kernel does not tell our addresses")
        if kind == _NEW:
            found.update(_read_attributes(raw[at + _HEAD.size + _ADDRESS.size : at + length]))
        at += (length + 3) & ~3
    return False


def _read_attributes(raw: bytes) -> list[bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(raw):
        size, kind = struct.unpack_from("=HH", raw, at)
        if size < 4:
            break
        if kind in (_LOCAL, _PLAIN) and size - 4 in (4, 16):
            found[kind] = raw[at + 4 : at + size]
        at += (size + 3) & ~3
    return list(found.values())[:1] if _LOCAL not in found else [found[_LOCAL]]
