"""Packets to events: what the segment asks for, which names were resolved, and the attempts that no socket made."""

from collections.abc import Callable, Iterator

from codered.collect.traffic.frames import ACK, ARP, IPV6, SYN, Asked, Named, Segment, Unreachable, parse_packet
from codered.collect.traffic.own_addresses import OwnAddresses
from codered.collect.traffic.packet_socket import Packet
from codered.collect.traffic.tracked import TrackedAttempts
from codered.collect.traffic.untracked import UntrackedAttempts
from codered.model.traffic import Attempt, Reply, Resolved, SeenTraffic

BEHIND = 0.002  # seconds by which a packet of TCP is taken late: its socket's record must come before it


class PacketEvents:
    """`name` gives the key of who made a SYN, or sent data, that no known socket did. `tracked`: what the trace tells
    of; None where there is none. `forwards`: this host passes on what others send.
    """

    def __init__(
        self,
        own: OwnAddresses,
        name: Callable[[Segment], bytes],
        tracked: TrackedAttempts | None = None,
        *,
        forwards: bool = False,
    ) -> None:
        self._own, self._name, self._tracked, self._forwards = own, name, tracked, forwards
        self.untracked = UntrackedAttempts()

    def order(self, packet: Packet) -> float:
        """The time at which to take it."""
        early = packet.protocol == ARP or packet.data[6 if packet.protocol == IPV6 else 9 : 10][:1] == b"\x11"  # UDP
        return packet.at if early else packet.at + BEHIND

    def take(self, packet: Packet, at: float) -> Iterator[SeenTraffic]:
        """What a packet means; `at` is its time of order."""
        seen = parse_packet(packet.protocol, packet.data)
        if isinstance(seen, Segment):
            yield from self._take_segment(seen, packet.outgoing, at)
        elif isinstance(seen, Asked):
            yield from _take_question(seen, at)
        elif isinstance(seen, Named):
            client = b"" if seen.client in self._own else seen.client
            yield from (Resolved(at, client, address) for address in seen.addresses)
        elif isinstance(seen, Unreachable):
            if self._tracked is not None:
                yield from self._tracked.find_unreachable(seen, at)
            yield from self.untracked.find_unreachable(seen, at)

    def _take_segment(self, segment: Segment, outgoing: bool, at: float) -> Iterator[SeenTraffic]:
        if not outgoing:
            yield from self.untracked.answer(segment, at)
        elif segment.flags & (SYN | ACK) == SYN:
            yield from self._take_syn(segment, at)
        elif segment.payload:
            sent = self._tracked.take_data(segment, at) if self._tracked is not None else None
            sent = sent or self.untracked.take_data(segment, at)
            if sent is not None:
                yield sent

    def _take_syn(self, segment: Segment, at: float) -> Iterator[SeenTraffic]:
        if self._tracked is not None and self._tracked.match_syn(segment, at):
            return
        if self.untracked.repeats(segment, at):
            yield from self.untracked.repeat(segment, at)
        elif not self._forwards or segment.source in self._own:
            attempt = Attempt(at, self._name(segment), segment.source, segment.destination, segment.port)
            self.untracked.begin(segment, attempt)
            yield attempt


def _take_question(seen: Asked, at: float) -> Iterator[SeenTraffic]:
    if seen.answer:
        yield Reply(at, seen.target, seen.sender, 0, "answered", "arp")
    else:
        yield Attempt(at, seen.sender, seen.sender, seen.target, 0, "arp")
