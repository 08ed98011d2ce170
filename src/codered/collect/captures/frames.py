"""Frames of one link type, down to what tells who reaches for whom. Most frames carry data in the middle of something
and are passed over at once.
"""

from codered.collect.captures.connections import ACK, FIN, RST, SYN, Connections, Segment
from codered.collect.captures.counts import PacketCounts
from codered.collect.captures.datagrams import Datagrams
from codered.collect.captures.links import ARP, IPV4, IPV6, Link, find_packet, load_link_types
from codered.collect.request_words import load_request_words
from codered.model.traffic import SeenTraffic

_WHOLE = (b"\x40\x00", b"\x00\x00")  # not a fragment
_TCP, _UDP, _ICMP, _ICMP6 = 6, 17, 1, 58
_FRAGMENT, _AUTHENTICATION = 44, 51
_EXTENSIONS = frozenset((0, 43, _FRAGMENT, _AUTHENTICATION, 60, 135, 139, 140))
_MOST_EXTENSIONS = 8
_FLAGS_SEEN = 14  # bytes of a TCP header: up to its flags, which a snaplen of 68 leaves of IPv6 too


class Ether:
    """What the frames of a whole capture, of whatever links, add up to: events not yet fetched, and counts."""

    def __init__(self, ports: frozenset[int]) -> None:
        self.ports = frozenset(port.to_bytes(2, "big") for port in ports if 0 <= port < 1 << 16)
        self.events: list[SeenTraffic] = []
        self.counts = PacketCounts()
        self.connections = Connections(self.ports, self.events, self.counts)
        self.datagrams = Datagrams(self.ports, self.events)

    @property
    def forgotten(self) -> int:
        """What had to be forgotten so that memory stays bounded."""
        return self.connections.forgotten + self.datagrams.forgotten


class Frames:
    """Takes the frames of one link type."""

    def __init__(self, link: Link, ether: Ether) -> None:
        self._link = link
        self._counts = ether.counts
        self._connections, self._datagrams = ether.connections, ether.datagrams
        self._ports, self._words = ether.ports, load_request_words()
        types = load_link_types()
        self._hidden, self._hidden_in_ip = types.hidden_types(), types.inside_ip
        self._type = slice(link.type_at, link.type_at + 2) if link.type_at is not None else slice(0)
        self._ipv4 = IPV4 if link.type_at is not None else b""
        self._least = link.header + 40

    def take(self, frame: bytes, at: float) -> None:
        """One frame, as much of it as was captured."""
        ip = self._link.header
        if (  # IPv4 without options or pieces, with TCP: by far most
            len(frame) >= self._least
            and frame[ip] == 0x45
            and frame[self._type] == self._ipv4
            and frame[ip + 9] == _TCP
            and frame[ip + 6 : ip + 8] in _WHOLE
        ):
            total, sent = frame[ip + 2] << 8 | frame[ip + 3], 20 + (frame[ip + 32] >> 4 << 2)
            if (  # in the middle of a connection, and no request
                not frame[ip + 33] & 7
                and frame[ip + sent : ip + sent + 4] not in self._words
                and (frame[ip + 22 : ip + 24] not in self._ports or 0 < total <= sent)
            ):
                return
            if total == sent and frame[ip + 33] & 7 == FIN:
                self._connections.take_end(frame[ip + 12 : ip + 24], at)
                return
            if total >= sent >= 40:
                number = int.from_bytes(frame[ip + 24 : ip + 28], "big")
                data, length = frame[ip + sent : ip + total], total - sent
                self._take_segment(Segment(frame[ip + 12 : ip + 24], frame[ip + 33], number, data, length), at)
                return
        carries, start = find_packet(frame, self._link)
        if carries == IPV4:
            self._take_ipv4(frame[start:], at)
        elif carries == IPV6:
            self._take_ipv6(frame[start:], at)
        elif carries == ARP:
            self._datagrams.take_arp(frame[start:], at)
        elif carries in self._hidden:
            self._counts.see_inside(self._hidden[carries])
        elif self._link.type_at is None:
            self._counts.not_ip += 1
        else:
            self._counts.other += 1

    def _take_ipv4(self, packet: bytes, at: float) -> None:
        if len(packet) < 20:
            self._counts.cut_headers += 1
            return
        head, total = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big")
        if packet[0] >> 4 != 4 or head < 20 or 0 < total < head:
            self._counts.lying += 1
            return
        piece = int.from_bytes(packet[6:8], "big")
        if piece & 0x3FFF:
            self._counts.fragments += 1
            if piece & 0x1FFF:
                return
        length = (total or len(packet)) - head  # 0: cut into packets by the network card, after the capture
        self._take_carried((packet[12:16], packet[16:20]), packet[9], (packet[head : head + length], length), at)

    def _take_ipv6(self, packet: bytes, at: float) -> None:
        if len(packet) < 40:
            self._counts.cut_headers += 1
            return
        if packet[0] >> 4 != 6:
            self._counts.lying += 1
            return
        length = int.from_bytes(packet[4:6], "big") or len(packet) - 40
        following, start, end = packet[6], 40, 40 + length
        for _ in range(_MOST_EXTENSIONS):
            if following not in _EXTENSIONS:
                break
            if start + 8 > len(packet):
                self._counts.cut_headers += 1
                return
            if following == _FRAGMENT:
                self._counts.fragments += 1
                if packet[start + 2 : start + 4] > b"\x00\x07":  # not the first piece
                    return
            size = _measure_extension(following, packet[start + 1])
            following, start = packet[start], start + size
        if following in _EXTENSIONS:
            self._counts.chains_too_long += 1
        elif start > end:
            self._counts.lying += 1
        else:
            payload = (packet[start:end], end - start)
            self._take_carried((packet[8:24], packet[24:40]), following, payload, at)

    def _take_carried(
        self, addresses: tuple[bytes, bytes], protocol: int, payload: tuple[bytes, int], at: float
    ) -> None:
        data, length = payload
        if protocol == _TCP:
            self._take_tcp(addresses, data, length, at)
        elif protocol == _UDP:
            if len(data) < 8:
                self._counts.cut_headers += 1
                return
            self._datagrams.take_udp(addresses, data[:4], data[8:], at)
        elif protocol in (_ICMP, _ICMP6):
            version = 4 if protocol == _ICMP else 6
            self._datagrams.take_unreachable(data, (version, addresses[1]), self._connections, at)
        elif protocol in self._hidden_in_ip:
            self._counts.see_inside(self._hidden_in_ip[protocol])

    def _take_tcp(self, addresses: tuple[bytes, bytes], data: bytes, length: int, at: float) -> None:
        if len(data) < _FLAGS_SEEN:
            self._counts.cut_headers += 1
            return
        head, flags = data[12] >> 4 << 2, data[13]
        if head < 20 or head > length:
            self._counts.lying += 1
            return
        key = addresses[0] + addresses[1] + data[:4]
        number = int.from_bytes(data[4:8], "big")
        self._take_segment(Segment(key, flags, number, data[head:], length - head), at)

    def _take_segment(self, segment: Segment, at: float) -> None:
        if segment.flags & (SYN | RST) or (
            segment.flags & ACK and self._connections.has_say(segment.key[-2:], segment.data)
        ):
            self._connections.take(segment, at)
        elif segment.flags & FIN:
            self._connections.take_end(segment.key, at)


def _measure_extension(kind: int, told: int) -> int:
    """Bytes of an IPv6 extension header."""
    if kind == _FRAGMENT:
        return 8
    return (told + 2) * 4 if kind == _AUTHENTICATION else (told + 1) * 8
