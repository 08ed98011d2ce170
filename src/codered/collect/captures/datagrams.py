"""What has no connections: UDP, the names that DNS answers give, ARP, and routers that say "unreachable"."""

from codered.collect.captures.connections import REPEATED_AFTER, Connections
from codered.collect.captures.remembering import Remembered
from codered.collect.dns_answers import parse_addresses
from codered.model.traffic import Attempt, Reply, Resolved, SeenTraffic, Sent

_DNS = b"\x00\x35"
_OWN_PORTS = 32_768  # clients take theirs from here up, services lie below
_SERVICES = 1024  # the known services lie below; older systems take a client's port from here up
_MOST_SENT = 2048  # bytes
_NOBODY = (b"\0\0\0\0", b"\xff\xff\xff\xff")
_FOUR, _SIX = 4, 6


class _Asked:
    """Somebody asked somebody; `pending` until there is an answer."""

    __slots__ = ("at", "pending", "silent")

    def __init__(self, at: float) -> None:
        self.at = at
        self.pending = True
        self.silent = False


class Datagrams:
    """Takes UDP, ARP and ICMP, adds events to `events`."""

    def __init__(self, ports: frozenset[bytes], events: list[SeenTraffic]) -> None:
        self._ports = ports
        self._add = events.append
        self._known: Remembered[_Asked] = Remembered()
        self._segment: Remembered[_Asked] = Remembered()
        self._questions: Remembered[_Asked] = Remembered()

    @property
    def forgotten(self) -> int:
        """Conversations that had to be forgotten."""
        return self._known.forgotten + self._segment.forgotten

    def take_udp(self, addresses: tuple[bytes, bytes], ports: bytes, data: bytes, at: float) -> None:
        """One datagram. The first of a (source, destination, port) is an attempt, the first back its answer."""
        source, destination = addresses
        if ports[:2] == _DNS:
            self._take_names(destination + source + ports[2:] + data[:2], destination, data, at)
        elif ports[2:] == _DNS and not data[2:3] > b"\x7f":
            self._questions.keep(source + destination + ports[:2] + data[:2], _Asked(at))
        asked = self._known.find(destination + source + ports[:2])
        if asked is not None:
            if asked.pending:
                asked.pending = False
                self._add(Reply(at, destination, source, int.from_bytes(ports[:2], "big"), "answered", "udp"))
            return
        key, port = source + destination + ports[2:4], int.from_bytes(ports[2:4], "big")
        if self._known.find(key) is not None or is_group(destination):
            return
        if ports[2:4] not in self._ports and _looks_answering(int.from_bytes(ports[:2], "big"), port):
            return
        self._known.keep(key, _Asked(at))
        self._add(Attempt(at, source, source, destination, port, "udp"))
        if ports[2:4] in self._ports and data:
            self._add(Sent(at, source, source, destination, port, data[:_MOST_SENT], "udp"))

    def _take_names(self, question: bytes, client: bytes, data: bytes, at: float) -> None:
        """The first answer to a question; nobody else makes addresses known, or anybody could by answering unasked."""
        asked = self._questions.find(question)
        if asked is None or not asked.pending:
            return
        asked.pending = False
        for address in parse_addresses(data):
            self._add(Resolved(at, client, address))

    def take_arp(self, packet: bytes, at: float) -> None:
        """Who has this IPv4 address? The first question for it is an attempt, "I have" its answer."""
        if len(packet) < 28 or packet[:6] != b"\x00\x01\x08\x00\x06\x04":
            return
        sender, target = packet[14:18], packet[24:28]
        if sender == target or sender in _NOBODY or target in _NOBODY:
            return  # somebody tells his own address, or asks whether it is free
        if packet[6:8] == b"\x00\x02":
            asked = self._segment.find(target + sender)
            if asked is not None and asked.pending:
                asked.pending = False
                self._add(Reply(at, target, sender, 0, "answered", "arp"))
        elif packet[6:8] == b"\x00\x01":
            self._take_question(sender, target, at)

    def _take_question(self, sender: bytes, target: bytes, at: float) -> None:
        asked = self._segment.find(sender + target)
        if asked is None:
            self._segment.keep(sender + target, _Asked(at))
            self._add(Attempt(at, sender, sender, target, 0, "arp"))
        elif asked.pending and not asked.silent and at - asked.at >= REPEATED_AFTER:
            asked.silent = True
            self._add(Reply(at, sender, target, 0, "silent", "arp"))

    def take_unreachable(self, message: bytes, teller: tuple[int, bytes], connections: Connections, at: float) -> None:
        """An ICMP (`teller`: IP version, and whom it tells) that quotes the packet that could not be delivered."""
        version, told = teller
        quoted = _read_quoted(message, version)
        if quoted is None or quoted[1] != told:
            return
        protocol, source, destination, ports = quoted
        if protocol == 6:
            connections.take_unreachable(source + destination + ports, at)
        elif protocol == 17:
            asked = self._known.find(source + destination + ports[2:4])
            if asked is not None and asked.pending:
                asked.pending = False
                port = int.from_bytes(ports[2:4], "big")
                self._add(Reply(at, source, destination, port, "unreachable", "udp"))


def is_group(address: bytes) -> bool:
    """Whether this is a multicast or the broadcast address: nobody in particular is reached for."""
    if len(address) == _FOUR:
        return 224 <= address[0] <= 239 or address == _NOBODY[1]
    return address[:1] == b"\xff"


def _looks_answering(own: int, other: int) -> bool:
    """Whether a datagram from port `own` to `other` is rather the answer to what was asked before the capture."""
    return own < _OWN_PORTS <= other or own < _SERVICES <= other


def _read_quoted(message: bytes, version: int) -> tuple[int, bytes, bytes, bytes] | None:
    """Protocol, source, destination and ports of the packet quoted in an "unreachable"; None for other messages."""
    packet = message[8:]
    if version == _FOUR:
        if message[:1] != b"\x03" or message[1:2] == b"\x04" or len(packet) < 24:  # 4: only too large
            return None
        ports_at = (packet[0] & 15) * 4
        found = packet[9], packet[12:16], packet[16:20], packet[ports_at : ports_at + 4]
    else:
        if message[:1] != b"\x01" or len(packet) < 44:
            return None
        found = packet[6], packet[8:24], packet[24:40], packet[40:44]
    return found if packet[0] >> 4 == version and len(found[3]) == 4 else None
