"""What becomes of contacts: answered, failed, or open for longer than anybody should wait."""

from math import inf

from codered.detect.scanning.contacts import GOOD, SLOW, ActorContacts, Failure, PortContacts, Waiting
from codered.detect.scanning.judging import Judge
from codered.detect.scanning.names import ResolvedNames
from codered.detect.scanning.outage import Peers
from codered.detect.scanning.scores import (
    add_failure,
    add_success,
    count_more,
    forget_recent,
    is_silent_crowd,
    take_back,
)
from codered.detect.scanning.thresholds import Thresholds
from codered.model.traffic import Attempt, Reply, ScanVerdict

OUTAGE_CHECK = 0.25  # seconds for which an answer about an outage holds


class Outcomes:
    """Turns outcomes into scores, and scores into verdicts, which are added to `verdicts`."""

    def __init__(self, thresholds: Thresholds, judge: Judge, names: ResolvedNames, verdicts: list[ScanVerdict]) -> None:
        self._thresholds, self._judge, self._names, self._verdicts = thresholds, judge, names, verdicts
        self._round_trip = -1.0  # of everybody: the first guess for an actor that was never answered

    def patience_of(self, actor: ActorContacts) -> float:
        """Seconds until an open contact counts as failed."""
        trip = actor.round_trip
        if trip < 0:
            if actor.guess is None:
                actor.guess = self._round_trip
            trip = actor.guess
        return self._patience_for(trip)

    def patience_of_new(self) -> float:
        """The same for an actor that is only beginning."""
        return self._patience_for(self._round_trip)

    def let_wait(self, actor: ActorContacts, now: float) -> None:
        """Count what is open for too long at `now`, as of the moment when patience ended."""
        actor.due = inf
        if actor.quick is not None:
            self._let_wait(actor, actor.quick, now, self.patience_of(actor))
            if not actor.quick.opened:
                actor.quick = None
        if actor.slow is not None:
            self._let_wait(actor, actor.slow, now, self._thresholds.patience_slow)
            if not actor.slow.opened:
                actor.slow = None

    def settle(self, actor: ActorContacts, port: PortContacts, reply: Reply, now: float) -> None:
        """What became of the latest attempt of an actor to this destination and port."""
        destination = reply.destination
        tried = actor.settle(destination, port.key)
        if reply.outcome == "answered":
            self._succeed(actor, port, destination, now, tried)
        elif tried is not None:
            self._fail(actor, port, destination, Failure(now, tried), reply.outcome == "silent")
        elif port.contacts.get(destination) == GOOD and actor.peers is not None:
            actor.peers.settle(destination, now, answered=False)  # a reset too: captive portals send them

    def settle_first(self, actor: ActorContacts, port: PortContacts, first: Attempt, now: float) -> None:
        """The first attempt of an actor had been answered at `now`, before anybody knew that there would be another;
        its round trip was noted then.
        """
        actor.settle(first.destination, port.key)
        add_success(port, first.destination, now, self._thresholds)
        actor.reached = first.at
        trip = now - first.at
        if 0 < trip < self._thresholds.longest_round_trip:
            actor.round_trip = trip
        port.contacts[first.destination] = GOOD

    def note_trip(self, seconds: float) -> None:
        """A round trip of somebody: what to expect of newcomers."""
        if 0 < seconds < self._thresholds.longest_round_trip:
            common = self._round_trip
            self._round_trip = seconds if common < 0 else common + (seconds - common) / 8

    def drop_open(self, actor: ActorContacts) -> None:
        """Forget that open contacts were tried."""
        for waiting in (actor.quick, actor.slow):
            for destination, key in waiting.opened if waiting is not None else ():
                if (port := actor.ports.get(key)) is not None:
                    port.contacts.pop(destination, None)
        actor.quick = actor.slow = None
        actor.due = inf
        if actor.peers is not None:
            actor.peers.opened.clear()

    def _patience_for(self, trip: float) -> float:
        if trip < 0:
            return self._thresholds.patience_cold
        return max(self._thresholds.patience, self._thresholds.patience_round_trips * trip)

    def _let_wait(self, actor: ActorContacts, waiting: Waiting, now: float, patience: float) -> None:
        for (destination, key), tried in waiting.take_until(now - patience):
            port = actor.ports.get(key)
            if port is not None:
                self._fail(actor, port, destination, Failure(tried + patience, tried), True)
        actor.due = min(actor.due, waiting.oldest() + patience)

    def _succeed(
        self, actor: ActorContacts, port: PortContacts, destination: bytes, now: float, tried: float | None
    ) -> None:
        failure = None
        if tried is None:
            failure = take_back(port, destination, now, self._thresholds.half_life)
            tried = failure.tried if failure else None
        known = port.contacts.get(destination)
        if tried is not None:
            add_success(port, destination, now, self._thresholds)
            actor.reached = max(actor.reached, min(tried, now))
            port.named += port.judged > 0 and self._names.knows(actor.source, destination, tried)
            self._measure_trip(actor, now - tried, bool(port.key & SLOW))
        elif known == GOOD:
            if actor.peers is not None:
                tried = actor.peers.settle(destination, now, answered=True)
                actor.reached = max(actor.reached, min(tried, now))
        elif known is not None:  # counted as failed long ago; after an outage there are many of these
            port.all_failed -= port.all_failed > 0
            add_success(port, destination, now, self._thresholds)
            actor.reached = max(actor.reached, min(known, now))
        if known is not None:
            port.contacts[destination] = GOOD

    def _measure_trip(self, actor: ActorContacts, seconds: float, is_slow: bool) -> None:
        if is_slow or not 0 < seconds < self._thresholds.longest_round_trip:
            return
        trip = actor.round_trip
        actor.round_trip = seconds if trip < 0 else trip + (seconds - trip) / 8
        self.note_trip(seconds)
        if actor.quick is not None:
            actor.due = min(actor.due, actor.quick.oldest() + self.patience_of(actor))

    def _fail(
        self, actor: ActorContacts, port: PortContacts, destination: bytes, failure: Failure, is_silent: bool
    ) -> None:
        now = failure.counted
        if port.told == "confirmed" and now - port.last_failure <= self._thresholds.quiet:
            count_more(port, now)  # all was said: what an outbreak is full of is only counted
            return
        if actor.peers is not None and self._is_outage(actor, actor.peers, now):
            self._withhold(actor, actor.peers, port, (destination, failure))
            return
        failure.weight = self._thresholds.failure_weight
        if is_silent and port.protocol == "udp" and not self._is_silence_telling(actor, port, destination):
            failure.weight = 0.0
        if self._names.seen and self._names.knows(actor.source, destination, failure.tried):
            failure.named = True
            failure.weight *= self._thresholds.named_weight
        add_failure(port, destination, failure, self._thresholds)
        if self._judge.is_enough(port, now):
            verdict = self._judge.judge_scan(actor, port, now, self._names.seen)
            if verdict is not None:
                self._verdicts.append(verdict)

    def _withhold(self, actor: ActorContacts, peers: Peers, port: PortContacts, last: tuple[bytes, Failure]) -> None:
        """Nothing of this minute counts; but when it is odd for an outage, that is told."""
        destination, failure = last
        now = failure.counted
        peers.begin_withholding(failure.tried, actor.reached, self._thresholds.half_life)
        for one in actor.ports.values():
            recent = forget_recent(one, now, self._thresholds)
            if one is port:
                recent[destination] = failure
            if one.protocol == "arp":
                continue
            for address, what in recent.items():
                if not self._names.knows(actor.source, address, what.tried):
                    peers.withhold(one.key, address, what.tried, self._thresholds.outage_longest)
        withheld = peers.withheld.get(port.key)
        if withheld and not port.told:
            verdict = self._judge.judge_withheld(actor, port, withheld, now)
            if verdict is not None:
                self._verdicts.append(verdict)

    def _is_silence_telling(self, actor: ActorContacts, port: PortContacts, destination: bytes) -> bool:
        """Whether silence by UDP counts: not where it may be one-way, or filtered."""
        by_tcp = actor.ports.get(port.port)
        answers = by_tcp is not None and by_tcp.contacts.get(destination) == GOOD
        return not answers and is_silent_crowd(port, self._thresholds)

    def _is_outage(self, actor: ActorContacts, peers: Peers, now: float) -> bool:
        """Whether peers that always answered fail as well; the answer holds for a moment."""
        if not peers.checked <= now < peers.checked + OUTAGE_CHECK:
            limits = self._thresholds
            tries, failed = peers.count(now, self.patience_of(actor), limits.outage_seconds)
            peers.outage = tries >= limits.outage_contacts and failed >= limits.outage_share * tries
            peers.checked = now
        return peers.outage
