"""What a connection that failed says about its address: a reset is the host's own word, ICMP may be anybody's. Who sent
it and which kind it was, the kernel keeps beside the socket.
"""

import json
import socket
import struct
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

from codered_hq.model.sweep import State
from codered_hq.probing.sockets import OWN_FIREWALL, RawSocket, explain

NOBODY_HERE = "nobody on our link has this address"
_MSG_ERRQUEUE = 0x2000
_ERROR = struct.Struct("=IBBBxII")  # sock_extended_err: errno, origin, type, code, info, data
_FAMILY = struct.Struct("=H")
_ROOM = 256
_MOST_KEPT = 16
_WAYS = {2: "4", 3: "6"}  # SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6
_UNHEARD_OF = ("3/1", "1/3")  # nobody answered for the address on its own link


class Refusal(NamedTuple):
    """One ICMP message: of IPv4 or IPv6, its type and code, and who sent it ("" = the kernel does not tell)."""

    way: str
    kind: int
    code: int
    sender: str


def explain_failure(sock: RawSocket, number: int) -> tuple[State, str]:
    """What the error of a connection says about the address, with what ICMP the kernel kept for it."""
    return find_refusal(sock) or explain(number)


def find_refusal(sock: RawSocket) -> tuple[State, str] | None:
    """What the kept ICMP says about the address, if there is some that says anything."""
    for refusal in take_refusals(sock):
        if told := explain_refusal(refusal, own=refusal.sender == _name_own(sock)):
            return told
    return None


def explain_refusal(refusal: Refusal, *, own: bool) -> tuple[State, str] | None:
    """What an ICMP message means for the address that was asked; `own` = this very machine sent it. None for one that
    means nothing to a connection.
    """
    words = _read_words()[refusal.way]
    kind = f"{refusal.kind}/{refusal.code}"
    state, told = words.get(kind) or words.get(str(refusal.kind)) or ("", "")
    if not state:
        return None
    if own:
        return ("no_answer", NOBODY_HERE) if kind in _UNHEARD_OF else ("not_asked", OWN_FIREWALL)
    return state, f"{told} (ICMP {kind} from {refusal.sender})" if refusal.sender else f"{told} (ICMP {kind})"


def take_refusals(sock: RawSocket) -> Iterator[Refusal]:
    """The ICMP messages that the kernel keeps for this socket; they are gone from there then."""
    for _ in range(_MOST_KEPT):
        try:
            _, pieces, _, _ = sock.recvmsg(1, _ROOM, _MSG_ERRQUEUE)
        except OSError:
            return  # none is kept: it was a reset, or time ran out
        for _, _, data in pieces:
            if len(data) < _ERROR.size:
                continue
            _, origin, kind, code, _, _ = _ERROR.unpack_from(data)
            if way := _WAYS.get(origin):
                yield Refusal(way, kind, code, _read_sender(data[_ERROR.size :]))


def _read_sender(data: bytes) -> str:
    """The address in a sockaddr_in or sockaddr_in6."""
    family = _FAMILY.unpack_from(data)[0] if len(data) >= _FAMILY.size else 0
    if family == socket.AF_INET and len(data) >= 8:
        return socket.inet_ntop(family, data[4:8])
    if family == socket.AF_INET6 and len(data) >= 24:
        return socket.inet_ntop(family, data[8:24])
    return ""


def _name_own(sock: RawSocket) -> str:
    """The address that the connection was made from."""
    try:
        return str(sock.getsockname()[0])
    except OSError:
        return ""


@cache
def _read_words() -> dict[str, dict[str, tuple[State | Literal[""], str]]]:
    text = resources.files(__package__).joinpath("icmp_words.json").read_text("utf-8")
    read: dict[str, dict[str, list[Any]]] = json.loads(text)
    return {way: {kind: (state, told) for kind, (state, told) in words.items()} for way, words in read.items()}
