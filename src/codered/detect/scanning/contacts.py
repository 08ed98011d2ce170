"""Who reached whom: what is kept of an actor and of its port. Packed keys and plain slots, for there are many."""

from math import inf

from codered.detect.scanning.outage import Peers
from codered.model.traffic import Transport

GOOD = inf
"""In place of the time it was last tried: this destination answered before."""

MOST_FAILURES = 256
MOST_OF_NETWORK = 4  # of the last first contacts, for the share of a port
COST = 8
"""An actor, and a port of one, take as much room as this many destinations."""

KEYS: dict[Transport, int] = {"tcp": 0, "udp": 1 << 16, "icmp": 2 << 16, "arp": 3 << 16}
"""Added to a port for the key of it and its protocol."""

SLOW = 1 << 16
"""This bit of the key is set for UDP and ARP, which are waited for longer."""


class Failure:
    """A failed first contact: when it counted, how much, and when it was tried."""

    __slots__ = ("counted", "named", "tried", "weight")

    def __init__(self, counted: float, tried: float) -> None:
        self.counted, self.tried = counted, tried
        self.weight = 0.0
        self.named = False


class PortContacts:
    """What one actor did on one port of one protocol. `score`, `since`, `judged`, `failed`, `named` and `failures`
    belong to the run of evidence that began when the score last left zero; the `all_` counts to everything.
    """

    __slots__ = (
        "all_answered",
        "all_failed",
        "answers",
        "answers_since",
        "attempts",
        "contacts",
        "cut_off",
        "failed",
        "failures",
        "first",
        "first_contacts",
        "history",
        "judged",
        "key",
        "last",
        "last_answer",
        "last_failure",
        "look_at",
        "named",
        "port",
        "protocol",
        "score",
        "since",
        "told",
        "when",
    )

    def __init__(self, key: int, port: int, protocol: Transport, now: float) -> None:
        self.key, self.port, self.protocol = key, port, protocol
        self.contacts: dict[bytes, float] = {}
        self.failures: dict[bytes, Failure] | None = None
        self.score = 0.0
        self.when = self.first = self.last = self.since = self.last_failure = now
        self.attempts = self.first_contacts = self.all_answered = self.all_failed = 0
        self.judged = self.failed = self.named = self.look_at = 0
        self.history = 0  # the last outcomes of first contacts, a bit each, 1 = answered
        self.last_answer = -inf
        self.answers: dict[bytes, int] | None = None  # of how many first contacts, by network, since a time
        self.answers_since = now
        self.cut_off = False  # the run began when nearly everything had just been answered
        self.told = ""  # the highest confidence told since it was quiet

    def begin_anew(self) -> None:
        """Forget the run of evidence: the actor did as benign ones do."""
        self.score = 0.0
        self.judged = self.failed = self.named = self.look_at = 0
        self.failures = None

    def count_networks(self, since: float) -> int:
        """Different /24 (IPv6: /48) of the failures that counted from `since` on."""
        found = self.failures or {}
        return len({network_of(address) for address, failure in found.items() if failure.counted >= since})

    def shrink(self) -> int:
        """Forget the older half, what never answered first; gives how many."""
        before = len(self.contacts)
        drop = before // 2
        oldest = [one for one, when in self.contacts.items() if when != GOOD][:drop]
        oldest += [one for one, when in self.contacts.items() if when == GOOD][: drop - len(oldest)]
        for one in oldest:
            del self.contacts[one]
        return len(oldest)


class Waiting:
    """Open contacts, oldest first, that are still within somebody's patience. A dict alone would be walked over its
    emptied front at each look.
    """

    __slots__ = ("head", "opened", "queue")

    def __init__(self) -> None:
        self.opened: dict[tuple[bytes, int], float] = {}
        self.queue: list[tuple[bytes, int]] = []
        self.head = 0

    def add(self, destination: bytes, key: int, now: float) -> None:
        """A contact was opened."""
        who = (destination, key)
        self.opened[who] = now
        self.queue.append(who)

    def take_until(self, time: float) -> list[tuple[tuple[bytes, int], float]]:
        """What was opened at `time` or before, taken out: destination, key of the port, and when."""
        queue, opened, head = self.queue, self.opened, self.head
        found = []
        while head < len(queue):
            what = queue[head]
            tried = opened.get(what)
            if tried is not None:
                if tried > time:
                    break
                del opened[what]
                found.append((what, tried))
            head += 1
        if head > 64 and head * 2 > len(queue):
            del queue[:head]
            head = 0
        self.head = head
        return found

    def oldest(self) -> float:
        """When the oldest of them was opened; infinite when there is none."""
        queue, opened = self.queue, self.opened
        if not opened:
            return inf
        while (tried := opened.get(queue[self.head])) is None:
            self.head += 1
        return tried


class ActorContacts:
    """What one actor did. `recent` holds the ports of its last first contacts, a ring, and `recent_to` whom
    they went to; `due` is when an open contact
    runs out of patience; `guess` the round trip of others when it was new (negative = not known);
    `reached` when it last tried what then answered; `held` counts
    destinations and the like, for the bound of memory.
    """

    __slots__ = (
        "due",
        "guess",
        "held",
        "key",
        "minute",
        "minute_attempts",
        "minutes",
        "peers",
        "ports",
        "quick",
        "reached",
        "recent",
        "recent_to",
        "round_trip",
        "signs",
        "slow",
        "source",
        "turn",
    )

    def __init__(self, key: bytes, source: bytes) -> None:
        self.key, self.source = key, source
        self.ports: dict[int, PortContacts] = {}
        self.quick: Waiting | None = None
        self.slow: Waiting | None = None
        self.due = inf
        self.round_trip = -1.0
        self.reached = -inf
        self.guess: float | None = None
        self.recent: list[int] = []
        self.recent_to: list[bytes] = []
        self.turn = 0
        self.peers: Peers | None = None
        self.minute = self.minute_attempts = 0
        self.minutes: dict[int, int] | None = None
        self.signs: dict[str, SignSeen] | None = None
        self.held = COST

    def remember_port(self, key: int, destination: bytes, most: int) -> None:
        """The port of a first contact and whom it was to, in the ring of `most`."""
        if len(self.recent) < most:
            self.recent.append(key)
            self.recent_to.append(destination)
        else:
            self.recent[self.turn] = key
            self.recent_to[self.turn] = destination
            self.turn = (self.turn + 1) % most

    def count_recent(self, key: int) -> tuple[int, int]:
        """How many of the last first contacts went to this port, and of how many. Of one network only a few are taken:
        a host that has a thousand ports does not hide a scan of others.
        """
        taken: dict[bytes, int] = {}
        mine = of = 0
        for one, destination in zip(self.recent, self.recent_to, strict=True):
            network = network_of(destination)
            count = taken[network] = taken.get(network, 0) + 1
            if count <= MOST_OF_NETWORK:
                mine += one == key
                of += 1
        return mine, of

    def settle(self, destination: bytes, key: int) -> float | None:
        """When the open contact was tried, which is open no longer; None = there is none."""
        waiting = self.slow if key & SLOW else self.quick
        return None if waiting is None else waiting.opened.pop((destination, key), None)

    def measure(self) -> None:
        """Count anew what it holds."""
        self.held = len(self.minutes or ()) + sum(len(port.contacts) for port in self.ports.values())
        self.held += COST * (1 + len(self.ports))

    def is_told(self) -> bool:
        """Whether anything was said of it."""
        return bool(self.signs) or any(port.told for port in self.ports.values())


class SignSeen:
    """What one actor sent of one sign: how often, to whom (a few), and what was said of it."""

    __slots__ = ("addresses", "count", "told")

    def __init__(self) -> None:
        self.count = 0
        self.addresses: set[bytes] = set()
        self.told = ""


def network_of(address: bytes) -> bytes:
    """Its /24, of IPv6 its /48."""
    return address[:3] if len(address) == 4 else address[:6]
