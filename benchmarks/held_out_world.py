"""What the held-out programs live in: peers with a distance and a fate, a line with its weather, a resolver's cache,
and an agenda of what is to be done when. Nothing here sends anything.
"""

import heapq
import math
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from benchmarks.traffic_models import SOURCE, Try, draw_public
from codered.model.traffic import Attempt, JudgedTraffic, Outcome, Reply, Resolved, Transport

REPEATED = 1.02  # seconds: the first repetition of a SYN, which is told as silence
Names = Literal["seen", "hidden"]
"""Whether the answers of the name server are visible (`hidden`: by HTTPS, by TLS, or not in the capture)."""

Action = Callable[..., Iterable[Try]]
Model = Callable[[random.Random, float], Iterator[Try]]


class JitteredDice(random.Random):
    """Dice of a host whose program is configured otherwise: what the profiles say is changed by up to a factor of two,
    each quantity by one factor for the host's whole life. Plain dice change nothing.
    """

    def __init__(self, seed: int, jitter: int) -> None:
        super().__init__(seed)
        self._factors: dict[str, float] = {}
        self._seeds = f"{jitter} {seed}"

    def find_factor(self, what: str) -> float:
        """Between a half and two, even in its logarithm."""
        if what not in self._factors:
            self._factors[what] = 2.0 ** random.Random(f"{self._seeds} {what}").uniform(-1, 1)
        return self._factors[what]


def vary(dice: random.Random, what: str, value: float) -> float:
    """A number as this host has it."""
    return value * dice.find_factor(what) if isinstance(dice, JitteredDice) else value


def vary_share(dice: random.Random, what: str, share: float) -> float:
    """A share (0 to 1) as this host has it: its odds are varied."""
    if not isinstance(dice, JitteredDice) or not 0 < share < 1:
        return share
    odds = share / (1 - share) * dice.find_factor(what)
    return odds / (1 + odds)


class Peer(NamedTuple):
    """Another host: how far it is (seconds), and what it answers."""

    address: bytes
    round_trip: float
    fate: Outcome = "answered"


class Weather(NamedTuple):
    """Of the line: seconds added to each round trip, the share of lost SYN, when it is cut (begin, end), what is
    answered then, and when it is congested (begin, end, up to how many seconds are added).
    """

    added: float = 0.0
    loss: float = 0.004
    cut: tuple[float, float] = (-1.0, -1.0)
    cut_says: Outcome = "silent"
    congested: tuple[float, float, float] = (-1.0, -1.0, 0.0)

    def is_cut(self, at: float) -> bool:
        """Whether nothing passes at this time."""
        return self.cut[0] <= at < self.cut[1]


CLEAR = Weather()


class Host:
    """One host that does what its agenda says."""

    def __init__(self, dice: random.Random, seconds: float, weather: Weather = CLEAR, names: Names = "seen") -> None:
        self.dice, self.seconds, self.names = dice, seconds, names
        self.weather = weather._replace(
            added=vary(dice, "added", weather.added), loss=vary_share(dice, "loss", weather.loss)
        )
        self._agenda: list[tuple[float, int, Action, tuple[object, ...]]] = []
        self._number = 0
        self._cache: dict[bytes, float] = {}

    def call(self, at: float, action: Action, *words: object) -> None:
        """Do this then: the action is given the time, and the words."""
        self._number += 1
        if at < self.seconds:
            heapq.heappush(self._agenda, (at, self._number, action, words))

    def run(self) -> Iterator[Try]:
        """Do all of it, in rising time."""
        while self._agenda:
            at, _, action, words = heapq.heappop(self._agenda)
            yield from action(at, *words)

    def wait(self, rate: float) -> float:
        """Seconds to the next of what comes by chance, on average `rate` a second."""
        return self.dice.expovariate(vary(self.dice, "rate", rate))

    def dial(self, at: float, peer: Peer, port: int, protocol: Transport = "tcp") -> list[Try]:
        """As `reach`, for the agenda."""
        return [self.reach(at, peer, port, protocol)]

    def reach(self, at: float, peer: Peer, port: int, protocol: Transport = "tcp") -> Try:
        """An attempt to reach an address that is configured, or was heard of."""
        weather, dice = self.weather, self.dice
        if weather.is_cut(at):
            return Try(at, peer.address, port, weather.cut_says, 0.003, protocol=protocol)
        trip = (vary(dice, "trip", peer.round_trip) + weather.added) * dice.lognormvariate(0.0, 0.25)
        begin, end, most = weather.congested
        if begin <= at < end:
            trip += dice.uniform(0.3, 1.0) * most
        if dice.random() < weather.loss:
            trip += 1.0
        return Try(at, peer.address, port, peer.fate, trip, protocol=protocol)

    def visit(self, at: float, peer: Peer, port: int = 443, life: float = 300.0) -> list[Try]:
        """An attempt to reach a name, which is asked for when the cache's `life` seconds are over. Nothing at all when
        the line is cut and the name isn't known.
        """
        asked = self._cache.get(peer.address, -1.0) < at
        if asked and self.weather.is_cut(at) and self.weather.cut_says == "silent":
            return []
        if asked:
            self._cache[peer.address] = at + life
        return [self.reach(at, peer, port)._replace(named=asked and self.names == "seen")]


def tell(tries: Iterable[Try], source: bytes = SOURCE) -> Iterator[JudgedTraffic]:
    """What a sensor gives of these tries. An answer that comes after the first repetition was silence before."""
    pending: list[tuple[float, int, Reply]] = []
    number = 0
    for one in tries:
        while pending and pending[0][0] <= one.at:
            yield heapq.heappop(pending)[2]
        if one.named:
            yield Resolved(one.at, SOURCE, one.destination)
        yield Attempt(one.at, source, source, one.destination, one.port, one.protocol)
        for late, outcome in _outcomes(one):
            number += 1
            told = Reply(one.at + late, source, one.destination, one.port, outcome, one.protocol)
            heapq.heappush(pending, (told.at, number, told))
    while pending:
        yield heapq.heappop(pending)[2]


def _outcomes(one: Try) -> list[tuple[float, Outcome]]:
    if one.outcome == "silent":
        return [(REPEATED, "silent")]
    if one.round_trip > REPEATED and one.protocol == "tcp":
        return [(REPEATED, "silent"), (one.round_trip, one.outcome)]
    return [(one.round_trip, one.outcome)]


def draw_trip(dice: random.Random) -> float:
    """A distance on the Internet: a copy near by, the same continent, another one."""
    near, far = dice.choices(((0.004, 0.03), (0.03, 0.11), (0.12, 0.32)), (5, 3, 2))[0]
    return dice.uniform(near, far)


def draw_fate(dice: random.Random, dead: float, refusing: float = 0.25) -> Outcome:
    """What a host answers: the share `dead` does not, of which the share `refusing` says so."""
    if dice.random() >= vary_share(dice, "dead", dead):
        return "answered"
    return "refused" if dice.random() < vary_share(dice, "refusing", refusing) else "silent"


def draw_peer(dice: random.Random, dead: float, refusing: float = 0.25) -> Peer:
    """A host anywhere."""
    return Peer(draw_public(dice), draw_trip(dice), draw_fate(dice, dead, refusing))


class Swarm:
    """Where the peers of a worldwide program are: 45 % in the networks of 40 providers, the others with subscribers, in
    110 of the /8, some far fuller than others. Nobody serves from the rest (armies, firms, what was never given out).
    """

    def __init__(self, dice: random.Random) -> None:
        world = random.Random(20)  # the same Internet for everybody
        octets = world.sample([one for one in range(1, 224) if one not in (10, 127)], 110)
        self._octets, self._weights = octets, [1 / (place + 6) for place in range(110)]
        self._providers = [bytes((world.choice(octets), world.randrange(256))) for _ in range(40)]
        self._alike = dice.uniform(0.35, 0.55)

    def draw(self, dice: random.Random, dead: float) -> Peer:
        """One of them, of which the share `dead` is gone."""
        if dice.random() < self._alike:
            address = self._providers[draw_rank(dice, 40) - 1] + dice.randbytes(2)
        else:
            address = bytes(dice.choices(self._octets, self._weights)) + dice.randbytes(3)
        return Peer(address, draw_trip(dice), draw_fate(dice, dead, 0.15))


def draw_rank(dice: random.Random, size: int) -> int:
    """A rank from 1 to `size` - 1 as popularity gives it (Zipf)."""
    return int(math.exp(dice.random() * math.log(size)))


def make_fleet(dice: random.Random, networks: int, hosts: int, trip: float = 0.001) -> list[Peer]:
    """`hosts` of one's own organisation in each of so many /24, network after network, all of them up."""
    total = networks * hosts
    networks = max(1, round(vary(dice, "networks", networks)))
    hosts = -(-total // networks)
    numbers = dice.sample(range(256 * 40), networks)
    return [
        Peer(bytes((10, 60 + number // 256, number % 256, 10 + one)), trip * dice.uniform(0.5, 2.0))
        for number in numbers
        for one in range(min(hosts, 240))
    ][:total]


def kill(peers: Iterable[Peer], fate: Outcome = "silent") -> list[Peer]:
    """The same hosts, dead."""
    return [peer._replace(fate=fate) for peer in peers]
