"""Traffic made up: worms and benign hosts as streams of events, each with a seed. Nothing here sends anything.

A profile is a function that yields tries: (time, destination, port, outcome, named, round trip). `make_events` turns
them into what a sensor gives: the attempt, the name server's answer before it, and the outcome when it is known.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from codered.model.traffic import Attempt, Outcome, Reply, Request, Resolved, Transport

SOURCE = bytes((10, 20, 30, 40))
SILENT_AFTER = 1.02  # seconds: the first repetition of a SYN
WEB = 443


class Try(NamedTuple):
    """An attempt and what becomes of it. `round_trip` in seconds; `named` = a name server gave the address just before;
    `convicts` = the request that follows an answer is one that only an infected host sends.
    """

    at: float
    destination: bytes
    port: int
    outcome: Outcome
    round_trip: float = 0.05
    named: bool = False
    convicts: bool = False
    protocol: Transport = "tcp"


Events = Iterator[Attempt | Reply | Resolved | Request]
Profile = Callable[[random.Random, float], Iterator[Try]]
"""Given dice and seconds, the tries of one host, in rising time."""


def make_events(tries: Iterator[Try], source: bytes = SOURCE, actor: bytes = b"") -> Events:
    """The events of these tries in rising time."""
    actor = actor or source
    pending: list[tuple[float, int, Reply | Request]] = []
    for number, one in enumerate(tries):
        while pending and pending[0][0] <= one.at:
            yield heapq.heappop(pending)[2]
        if one.named:
            yield Resolved(one.at, source, one.destination)
        yield Attempt(one.at, actor, source, one.destination, one.port, one.protocol)
        late = SILENT_AFTER if one.outcome == "silent" else one.round_trip
        told = Reply(one.at + late, actor, one.destination, one.port, one.outcome, one.protocol)
        heapq.heappush(pending, (told.at, 2 * number, told))
        if one.convicts and one.outcome == "answered":
            sent = Request(told.at, actor, source, one.destination, one.port, ("codered/ida-overflow",), True)
            heapq.heappush(pending, (sent.at, 2 * number + 1, sent))
    while pending:
        yield heapq.heappop(pending)[2]


def draw_public(dice: random.Random) -> bytes:
    """An address anywhere that hosts have addresses."""
    while True:
        drawn = dice.randbytes(4)
        if drawn[0] not in (0, 10, 127) and drawn[0] < 224:
            return drawn


def draw_near(dice: random.Random, own: bytes = SOURCE) -> bytes:
    """As Code Red II: 1/8 anywhere, 1/2 in the own /8, 3/8 in the own /16."""
    kept = dice.choices((0, 1, 2), (1, 4, 3))[0]
    return own[:kept] + dice.randbytes(4 - kept) if kept else draw_public(dice)


def draw_nimda(dice: random.Random, own: bytes = SOURCE) -> bytes:
    """As Nimda: 1/2 in the own /16, 1/4 in the own /8, 1/4 anywhere."""
    kept = dice.choices((0, 1, 2), (1, 1, 2))[0]
    return own[:kept] + dice.randbytes(4 - kept) if kept else draw_public(dice)


def draw_rack(dice: random.Random, networks: int, hosts: int = 250) -> bytes:
    """A host of a data centre of so many /24."""
    return bytes((10, 96, dice.randrange(networks), dice.randrange(1, hosts)))


def make_pool(dice: random.Random, size: int) -> list[bytes]:
    """Addresses that somebody uses: half of them in a few networks of large providers."""
    providers = [draw_public(dice)[:2] for _ in range(12)]
    return [
        dice.choice(providers) + dice.randbytes(2) if dice.random() < 0.5 else draw_public(dice) for _ in range(size)
    ]


def go_on(dice: random.Random, rate: float, seconds: float, begin: float = 0.0) -> Iterator[float]:
    """Times at random, on average `rate` a second."""
    at = begin
    while (at := at + dice.expovariate(rate)) < begin + seconds:
        yield at


class Line(NamedTuple):
    """The line of a host: its round trip in seconds, and when it is cut, (begin, end) in seconds."""

    round_trip: float = 0.05
    cut: tuple[float, float] = (-1.0, -1.0)

    def carry(self, dice: random.Random, one: Try) -> Try:
        """The try as this line lets it happen."""
        if self.cut[0] <= one.at < self.cut[1]:
            return one._replace(outcome="silent", named=False)
        return one._replace(round_trip=self.round_trip * dice.uniform(0.5, 1.6))


def travel(dice: random.Random, line: Line, tries: Iterator[Try]) -> Iterator[Try]:
    """These tries over this line."""
    for one in tries:
        yield line.carry(dice, one)


class Worm(NamedTuple):
    """A worm: attempts a second, what share of addresses answers, and how it draws them."""

    rate: float
    answering: float = 0.02
    refusing: float = 0.05
    draw: Callable[[random.Random], bytes] = draw_public
    line: Line = Line()
    local_answering: float = 0.0
    convicts: bool = False
    port: int = 80
    protocol: Transport = "tcp"

    def run(self, dice: random.Random, seconds: float) -> Iterator[Try]:
        """Its tries."""
        for at in go_on(dice, self.rate, seconds):
            destination = self.draw(dice)
            near = destination[:2] == SOURCE[:2]
            answering = self.local_answering if near and self.local_answering else self.answering
            chance = dice.random()
            outcome: Outcome = "answered" if chance < answering else "silent"
            if outcome == "silent" and dice.random() < self.refusing:
                outcome = "refused"
            one = Try(at, destination, self.port, outcome, convicts=self.convicts, protocol=self.protocol)
            yield self.line.carry(dice, one)


SATELLITE = Line(0.3)
WORMS: dict[str, Worm] = {
    "CRv1 14/s": Worm(14),
    "CRv1 14/s, 300 ms": Worm(14, line=SATELLITE),
    "CRII 100/s": Worm(100, draw=draw_near),
    "CRII 100/s, 300 ms": Worm(100, draw=draw_near, line=SATELLITE),
    "CRII 300/s": Worm(300, draw=draw_near),
    "CRII 100/s, LAN answers 40 %": Worm(100, draw=draw_near, local_answering=0.4),
    "Nimda 200/s": Worm(200, draw=draw_nimda),
    "slow 1/s": Worm(1),
    "slow 0.1/s": Worm(0.1),
    "UDP 100/s": Worm(100, port=1434, protocol="udp"),
    "hit list 90 %, 5/s, payload": Worm(5, answering=0.9, convicts=True),
    "hit list 90 %, 5/s, none": Worm(5, answering=0.9),
}
