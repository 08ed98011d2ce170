"""What waits for connections in our network namespace: asked of the kernel for listening sockets only, so that a server
with many connections costs nothing.
"""

import ipaddress
import os
import socket
import struct
from contextlib import suppress
from typing import NamedTuple

from codered.collect.sockets import parse_address
from codered.model.known_good import ListenerRecord

MOST_LISTENERS = 4096
_DIAG, _BY_FAMILY, _DUMP, _ERROR, _DONE = 4, 20, 0x301, 2, 3
_LISTENING, _UNCONNECTED = 1 << 10, 1 << 7
_HEAD = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBBI48x")
_ANSWER = 72  # bytes of inet_diag_msg
_SECONDS = 2.0
_MOST_ANSWERS = 1024
_KINDS = (
    ("tcp", socket.AF_INET, socket.IPPROTO_TCP, _LISTENING),
    ("tcp", socket.AF_INET6, socket.IPPROTO_TCP, _LISTENING),
    ("udp", socket.AF_INET, socket.IPPROTO_UDP, _UNCONNECTED),
    ("udp", socket.AF_INET6, socket.IPPROTO_UDP, _UNCONNECTED),
)
_TABLES = {"tcp": ("0A",), "tcp6": ("0A",), "udp": ("07",), "udp6": ("07",)}


class Listening(NamedTuple):
    """A socket that waits for connections; `inode` leads to the processes that hold it."""

    protocol: str
    address: str
    port: int
    inode: int


def list_listeners(proc: str = "/proc") -> frozenset[Listening]:
    """All of them, at most MOST_LISTENERS. UDP sockets on a port that the system chose are left out: they wait for one
    answer. Raises OSError if neither the kernel nor /proc tells.
    """
    try:
        found = _ask_kernel()
    except OSError:
        found = _read_tables(proc)
    first, last = _read_chosen(proc)
    kept = (one for one in found if one.protocol != "udp" or not first <= one.port <= last)
    return frozenset(sorted(kept)[:MOST_LISTENERS])


def name_listeners(found: frozenset[Listening], proc: str = "/proc") -> tuple[ListenerRecord, ...]:
    """The same with the program that holds each ("" = not to be seen)."""
    programs = _find_programs({one.inode for one in found}, proc) if found else {}
    return tuple(
        ListenerRecord(one.protocol, one.address, one.port, programs.get(one.inode, "")) for one in sorted(found)
    )


def parse_answer(raw: bytes, protocol: str) -> Listening | None:
    """One answer of the kernel; None if it is none."""
    if len(raw) < _ANSWER or raw[0] not in (socket.AF_INET, socket.AF_INET6):
        return None
    (port,) = struct.unpack_from(">H", raw, 4)
    packed = raw[8:12] if raw[0] == socket.AF_INET else raw[8:24]
    (inode,) = struct.unpack_from("=I", raw, 68)
    return Listening(protocol, str(ipaddress.ip_address(packed)), port, inode)


def _ask_kernel() -> set[Listening]:
    found: set[Listening] = set()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _DIAG) as channel:
        channel.settimeout(_SECONDS)
        for protocol, family, number, states in _KINDS:
            question = _QUESTION.pack(family, number, 0, 0, states)
            channel.send(_HEAD.pack(_HEAD.size + len(question), _BY_FAMILY, _DUMP, 1, 0) + question)
            _receive(channel, protocol, found)
    return found


def _receive(channel: socket.socket, protocol: str, found: set[Listening]) -> None:
    for _ in range(_MOST_ANSWERS):
        raw, at = channel.recv(1 << 16), 0
        while at + _HEAD.size <= len(raw):
            length, kind, _, _, _ = _HEAD.unpack_from(raw, at)
            if kind == _DONE:
                return
            if kind == _ERROR or length < _HEAD.size:
                raise OSError("the kernel does not tell of sockets")
            one = parse_answer(raw[at + _HEAD.size : at + length], protocol)
            if one is not None:
                found.add(one)
            at += (length + 3) & ~3


def _read_tables(proc: str) -> set[Listening]:
    found: set[Listening] = set()
    for table, states in _TABLES.items():
        try:
            with open(f"{proc}/net/{table}", "rb") as file:
                lines = file.read(64 << 20).split(b"\n")[1:]
        except FileNotFoundError:
            continue
        for line in lines:
            fields = line.split()
            if len(fields) < 10 or fields[3].decode("latin-1").upper() not in states or not fields[9].isdigit():
                continue
            where = parse_address(fields[1])
            if where is not None:
                found.add(Listening(table[:3], where[0], where[1], int(fields[9])))
    return found


def _read_chosen(proc: str) -> tuple[int, int]:
    try:
        with open(f"{proc}/sys/net/ipv4/ip_local_port_range", "rb") as file:
            first, last = file.read(64).split()
        return int(first), int(last)
    except (OSError, ValueError):
        return 32768, 60999


def _find_programs(inodes: set[int], proc: str) -> dict[int, str]:
    """What holds these sockets: the program of the first process that does."""
    wanted = {b"socket:[%d]" % inode: inode for inode in inodes}
    found: dict[int, str] = {}
    for name in sorted((name for name in os.listdir(proc) if name.isdigit()), key=int):
        with suppress(OSError):
            folder = os.fsencode(f"{proc}/{name}")
            for descriptor in os.listdir(folder + b"/fd"):
                with suppress(OSError):
                    inode = wanted.get(os.readlink(folder + b"/fd/" + descriptor))
                    if inode is not None and inode not in found:
                        found[inode] = os.readlink(folder + b"/exe").decode(errors="backslashreplace")
        if len(found) == len(wanted):
            break
    return found
