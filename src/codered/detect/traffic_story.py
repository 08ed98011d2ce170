"""What the requests that show a threat tell together: who sent what to whom, and when. In bounded memory."""

import socket
from collections import Counter

import msgspec

from codered.detect.traffic_signs import PayloadSign
from codered.model.traffic import Request

MOST_SENDERS = 100_000
MOST_SIGNS = 64  # of one sender
MOST_PASSINGS = 100_000  # pairs of sender and receiver
MOST_MINUTES = 200_000  # of all senders together, and of what they have no room for
MOST_HOURS = 400_000  # hour entries of all senders together
MOST_TARGETS = 1000  # told of one sender and sign
MOST_ALL_TARGETS = 1_000_000  # of all of them


class Deed(msgspec.Struct, gc=False):
    """What a sender did of one sign: how often, to whom, when (seconds since the epoch), and its first request."""

    example: Request
    count: int = 0
    first: float = 0.0
    last: float = 0.0
    convicts: bool = False
    targets: set[bytes] = set()


class Sender(msgspec.Struct):
    """Somebody who sent requests that show a threat. `deeds` by sign ("pack/indicator"); `hours` and `minutes` since
    the epoch.
    """

    actor: bytes
    source: bytes
    first: float
    last: float
    count: int = 0
    deeds: dict[str, Deed] = {}
    hours: dict[int, int] = {}
    minutes: dict[int, int] = {}


class Handed(msgspec.Struct, frozen=True, gc=False):
    """Something that infects, sent from one packed address to another: when first and last, and its signs."""

    source: bytes
    target: bytes
    first: float
    last: float
    signs: tuple[str, ...]


class TrafficStory:
    """Takes requests in any order. `left_out` counts those of senders for whom there was no room; `minutes` (since the
    epoch) are of requests that no sender has room for.
    """

    def __init__(self, signs: dict[str, PayloadSign]) -> None:
        self._signs = signs
        self._senders: dict[bytes, Sender] = {}
        self._handed: dict[tuple[bytes, bytes], Handed] = {}
        self._hours = self._minutes = self._targets = 0
        self.minutes: Counter[int] = Counter()
        self.requests = self.left_out = self.pairs_left_out = 0

    def take(self, request: Request) -> None:
        """Keep what a request tells."""
        self.requests += 1
        sender = self._find_sender(request)
        self._count_minute(sender, request)
        if sender is None:
            self.left_out += 1
            return
        at = request.at
        sender.count += 1
        sender.first, sender.last = min(sender.first, at), max(sender.last, at)
        self._count_hour(sender, at)
        for sign in request.signs:
            self._add_deed(sender, sign, request)
        if any(name in self._signs and self._signs[name].infects() for name in request.signs):
            self._hand_over(request)

    def senders(self) -> tuple[Sender, ...]:
        """All of them, in the order in which they came up."""
        return tuple(self._senders.values())

    def find(self, actor: bytes) -> Sender | None:
        """The sender with this key, if it sent anything."""
        return self._senders.get(actor)

    def handed(self) -> tuple[Handed, ...]:
        """What infects, by pair of addresses."""
        return tuple(self._handed.values())

    def _find_sender(self, request: Request) -> Sender | None:
        sender = self._senders.get(request.actor)
        if sender is None and len(self._senders) < MOST_SENDERS:
            source = request.source or (request.actor if is_address(request.actor) else b"")
            sender = self._senders[request.actor] = Sender(request.actor, source, request.at, request.at)
        return sender

    def _add_deed(self, sender: Sender, sign: str, request: Request) -> None:
        deed = sender.deeds.get(sign)
        if deed is None:
            if len(sender.deeds) >= MOST_SIGNS:
                return
            deed = sender.deeds[sign] = Deed(request, first=request.at, last=request.at)
        deed.count += 1
        deed.convicts |= request.convicts
        if request.at < deed.first:
            deed.example, deed.first = request, request.at
        deed.last = max(deed.last, request.at)
        new = request.destination not in deed.targets
        if new and len(deed.targets) < MOST_TARGETS and self._targets < MOST_ALL_TARGETS:
            self._targets += 1
            deed.targets.add(request.destination)

    def _hand_over(self, request: Request) -> None:
        source = request.source or (request.actor if is_address(request.actor) else b"")
        known = self._handed.get((source, request.destination))
        if known is None and len(self._handed) >= MOST_PASSINGS:
            self.pairs_left_out += 1
            return
        first, last, signs = request.at, request.at, request.signs
        if known is not None:
            first, last = min(known.first, first), max(known.last, last)
            signs = known.signs if set(signs) <= set(known.signs) else tuple(dict.fromkeys((*known.signs, *signs)))
        self._handed[source, request.destination] = Handed(source, request.destination, first, last, signs[:MOST_SIGNS])

    def _count_minute(self, sender: Sender | None, request: Request) -> None:
        minute = int(request.at // 60) if abs(request.at) < 1e15 else 0
        if sender is not None and (minute in sender.minutes or self._minutes < MOST_MINUTES):
            self._minutes += minute not in sender.minutes
            sender.minutes[minute] = sender.minutes.get(minute, 0) + 1
        elif minute in self.minutes or len(self.minutes) < MOST_MINUTES:
            self.minutes[minute] += 1

    def _count_hour(self, sender: Sender, at: float) -> None:
        hour = int(at // 3600) if abs(at) < 1e15 else 0
        if hour not in sender.hours:
            if self._hours >= MOST_HOURS:
                return
            self._hours += 1
        sender.hours[hour] = sender.hours.get(hour, 0) + 1


def is_address(key: bytes) -> bool:
    """Whether an actor's key is a packed address (and not a process)."""
    return len(key) in (4, 16) and not key.startswith((b"pid ", b"gone "))


def show_address(packed: bytes) -> str:
    """A packed address as text; "" for none."""
    if len(packed) == 4:
        return socket.inet_ntop(socket.AF_INET, packed)
    if len(packed) != 16:
        return ""
    if packed.startswith(b"\0" * 10 + b"\xff\xff"):
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    return socket.inet_ntop(socket.AF_INET6, packed)
