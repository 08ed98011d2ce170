"""Whether machines answer: echo requests, and a connection that is ended at once. Asked before and after they are
cut off, for a machine that was silent before proves nothing by being silent after.
"""

import os
import selectors
import socket
import struct
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

from codered_hq.config import headquarters_folder, read_config
from codered_hq.devices.played_switches import list_answering

SECONDS = 0.3
BACK_SECONDS = 2.0  # a port that comes up takes its time
SHORTEST = 0.1
MANY_TIMES = 20
"""How much longer than an answer took before, silence is waited for."""
_EACH = 0.025  # seconds between two echoes: one that is lost proves nothing
USUAL_PORTS = (22, 80, 445, 3389)
MOST_PORTS = 8
_AT_ONCE = 32
_ECHO = {socket.AF_INET: (8, 0), socket.AF_INET6: (128, 129)}  # request, reply
_REFUSED = 111  # a machine that refuses is there
_UNDER_WAY = frozenset([115, 11])


def ask_all(addresses: Iterable[str], ports: Mapping[str, Sequence[int]], seconds: float = SECONDS) -> dict[str, bool]:
    """Which of these addresses answer within so many seconds; `ports` are those known to be open there. In a played
    range its switches say so: the same addresses may be real machines elsewhere.
    """
    wanted = list(dict.fromkeys(addresses))
    if not wanted:
        return {}
    if read_config(folder := headquarters_folder()).exercise == "simulated":
        return list_answering(folder, wanted)
    with ThreadPoolExecutor(min(_AT_ONCE, len(wanted))) as pool:
        found = pool.map(lambda each: does_answer(each, ports.get(each, ()), seconds), wanted)
        return dict(zip(wanted, found, strict=True))


def does_answer(address: str, ports: Sequence[int] = (), seconds: float = SECONDS) -> bool:
    """Whether one machine answers an echo, takes a connection, or refuses it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    until = time.monotonic() + seconds
    with ExitStack() as stack, selectors.DefaultSelector() as waiting:
        if (echo := _send_echo(address, family)) is not None:
            waiting.register(stack.enter_context(echo), selectors.EVENT_READ)
        for port in dict.fromkeys([*ports[:MOST_PORTS], *USUAL_PORTS]):
            try:
                one = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            except OSError:
                continue
            one.setblocking(False)
            code = one.connect_ex((address, port))
            if code in (0, _REFUSED):
                return True
            if code in _UNDER_WAY:
                waiting.register(one, selectors.EVENT_WRITE)
        while waiting.get_map() and (left := until - time.monotonic()) > 0:
            if echo is not None:
                _ask_again(echo, address, family)
            for key, _ in waiting.select(min(left, _EACH)):
                if _is_answer(key.fileobj, family, address):
                    return True
                if key.fileobj is not echo:
                    waiting.unregister(key.fileobj)
    return False


def find_patience(took: float) -> float:
    """Seconds until silence counts, where all answered within so many seconds a moment ago."""
    return min(SECONDS, max(SHORTEST, took * MANY_TIMES))


def tell_return(addresses: Sequence[str]) -> str:
    """Whether a machine that was released answers again, in words; waits for it a moment."""
    if not addresses:
        return "back as it was; no address of it is known"
    if any(ask_all(addresses, {}, BACK_SECONDS).values()):
        return "back as it was: it answers again"
    return "back as it was on the device; the machine is silent"


def tell_proof(before: Mapping[str, bool], after: Mapping[str, bool], addresses: Sequence[str]) -> str:
    """What is known of a machine's being cut off, in words."""
    answered = [each for each in addresses if before.get(each)]
    if not addresses:
        return "not proven: no address of it is known"
    if not answered:
        return "not proven: it did not answer before"
    if still := [each for each in answered if after.get(each)]:
        return f"STILL REACHABLE from here: {', '.join(still[:3])}"
    return "proven unreachable: answered before, silent after"


def _is_answer(one: object, family: int, address: str) -> bool:
    assert isinstance(one, socket.socket)
    if one.type == socket.SOCK_STREAM:
        return one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, _REFUSED)
    try:
        raw, sender = one.recvfrom(2048)
    except OSError:
        return False
    if one.type == socket.SOCK_RAW and family == socket.AF_INET:
        raw = raw[(raw[0] & 15) * 4 :] if raw else b""
    return len(raw) >= 8 and raw[0] == _ECHO[socket.AddressFamily(family)][1] and sender[0] == address


def _send_echo(address: str, family: int) -> socket.socket | None:
    """A socket that an echo reply may come in at; None where this system lets us send none."""
    protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            one = socket.socket(family, kind, protocol)
        except OSError:
            continue
        one.setblocking(False)
        try:
            one.sendto(_make_echo(family), (address, 0))
        except OSError:
            one.close()
            continue
        return one
    return None


def _ask_again(echo: socket.socket, address: str, family: int) -> None:
    with suppress(OSError):
        echo.sendto(_make_echo(family), (address, 0))


def _make_echo(family: int) -> bytes:
    number = os.getpid() & 0xFFFF
    head = struct.pack("!BBHHH", _ECHO[socket.AddressFamily(family)][0], 0, 0, number, 1)
    words = struct.unpack("!4H", head)
    total = sum(words)
    total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!BBHHH", head[0], 0, ~total & 0xFFFF, number, 1)
