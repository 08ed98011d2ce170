"""Packets to events: what the segment asks for, which names were resolved, and the attempts that no socket made."""

import time
from collections.abc import Callable, Sequence

from codered.collect.traffic.begun_before import Begun
from codered.collect.traffic.frames import (
    ACK,
    ARP,
    IPV4,
    IPV6,
    SYN,
    Asked,
    Named,
    Segment,
    Unreachable,
    Wondered,
    parse_packet,
)
from codered.collect.traffic.own_addresses import OwnAddresses
from codered.collect.traffic.packet_batches import Packet
from codered.collect.traffic.tracked import TrackedAttempts
from codered.collect.traffic.untracked import UntrackedAttempts
from codered.model.traffic import Attempt, Reply, Resolved, SeenTraffic

SYN_LIVES = 180.0  # seconds in which the kernel gives up an attempt
QUESTION_LIVES = 30.0  # seconds in which a name server may answer
MOST_QUESTIONS = 1 << 14
BEHIND = 0.002  # seconds by which a packet of TCP is taken late: its socket's record must come before it
_SYNS = tuple(bytes([flags]) for flags in range(256) if flags & (SYN | ACK) == SYN)


class PacketEvents:
    """`name` gives the key of who made a SYN, or sent data, that no known socket did. `tracked`: what the trace tells
    of; None where there is none. `forwards`: this host passes on what others send. `begun`: what was under way before.
    """

    def __init__(
        self,
        own: OwnAddresses,
        name: Callable[[Segment], bytes],
        tracked: TrackedAttempts | None = None,
        *,
        forwards: bool = False,
        begun: Begun = Begun(),  # noqa: B008  nobody changes it
    ) -> None:
        self._own, self._name, self._tracked, self._forwards = own, name, tracked, forwards
        self._begun, self._begun_until = begun.waiting, time.time() + SYN_LIVES
        self.untracked = UntrackedAttempts()
        self._questions: dict[bytes, float] = {}

    def order(self, packet: Packet) -> float:
        """The time at which to take it."""
        early = packet.protocol == ARP or packet.data[6 if packet.protocol == IPV6 else 9 : 10][:1] == b"\x11"  # UDP
        return packet.at if early else packet.at + BEHIND

    def take(self, packet: Packet, at: float) -> Sequence[SeenTraffic]:
        """What a packet means; `at` is its time of order."""
        _, protocol, outgoing, data = packet
        plain = outgoing and protocol == IPV4 and data[:1] == b"\x45" and data[9:10] == b"\x06"
        if plain and self._tracked is not None and data[33:34] in _SYNS and self._tracked.match_syn(data[12:24], at):
            return ()  # by far most of them: no need to look closer
        seen = parse_packet(protocol, data)
        if isinstance(seen, Named):
            return self._take_names(seen, at)
        if isinstance(seen, Wondered):
            if outgoing:
                self._remember_question(seen, at)
            return ()
        if isinstance(seen, Segment):
            found = self._take_segment(seen, outgoing, at)
        elif isinstance(seen, Asked):
            found = _take_question(seen, at)
        else:
            found = self._take_unreachable(seen, at) if seen is not None else None
        return () if found is None else (found,)

    def _remember_question(self, seen: Wondered, at: float) -> None:
        self._questions.pop(seen.ends, None)
        self._questions[seen.ends] = at
        if len(self._questions) > MOST_QUESTIONS:
            del self._questions[next(iter(self._questions))]

    def _take_names(self, seen: Named, at: float) -> Sequence[Resolved]:
        """Only what was asked for: anybody can send an answer, and a name makes an attempt weigh next to nothing."""
        asked = self._questions.pop(seen.ends, None)
        if asked is None or at - asked > QUESTION_LIVES:
            return ()
        client = b"" if seen.client in self._own else seen.client
        return [Resolved(at, client, address) for address in seen.addresses]

    def _take_unreachable(self, seen: Unreachable, at: float) -> Reply | None:
        told = self._tracked.find_unreachable(seen, at) if self._tracked is not None else None
        return told or self.untracked.find_unreachable(seen, at)

    def _take_segment(self, segment: Segment, outgoing: bool, at: float) -> SeenTraffic | None:
        if not outgoing:
            return self.untracked.answer(segment, at)
        if segment.flags & (SYN | ACK) == SYN:
            return self._take_syn(segment, at)
        if not segment.payload:
            return None
        sent = self._tracked.take_data(segment, at) if self._tracked is not None else None
        return sent or self.untracked.take_data(segment, at)

    def _take_syn(self, segment: Segment, at: float) -> SeenTraffic | None:
        if self._tracked is not None and self._tracked.match_syn(segment.ends, at):
            return None
        if self.untracked.repeats(segment, at):
            return self.untracked.repeat(segment, at)
        if segment.ends in self._begun:
            if at < self._begun_until:
                return None  # sent once more: it was begun before we watched
            self._begun = frozenset()
        if self._forwards and segment.source not in self._own:
            return None
        attempt = Attempt(at, self._name(segment), segment.source, segment.destination, segment.port)
        self.untracked.begin(segment, attempt)
        return attempt


def _take_question(seen: Asked, at: float) -> SeenTraffic:
    if seen.answer:
        return Reply(at, seen.target, seen.sender, 0, "answered", "arp")
    return Attempt(at, seen.sender, seen.sender, seen.target, 0, "arp")
