"""ScanDetector: events in, verdicts out. The same code judges what is seen live, captures and flow logs."""

from math import inf

from codered.detect.scanning.contacts import COST, GOOD, KEYS, SLOW, ActorContacts, PortContacts, Waiting
from codered.detect.scanning.judging import Judge
from codered.detect.scanning.memory import ActorMemory
from codered.detect.scanning.names import ResolvedNames
from codered.detect.scanning.outage import Peers
from codered.detect.scanning.outcomes import Outcomes
from codered.detect.scanning.preference import Behaviour
from codered.detect.scanning.requests import judge_request
from codered.detect.scanning.tallies import ActorTally, count_minute, tally
from codered.detect.scanning.thresholds import Thresholds
from codered.model.traffic import Attempt, JudgedTraffic, Reply, Request, Resolved, ScanVerdict

SWEEP = 0.5  # seconds of the events' time between looks at everybody's open contacts


class ScanDetector:
    """Knows only the events it was given. Time is that of the events: late ones count as of now, a clock that was set
    back or leaps drops what is open, which then says nothing of anybody.
    """

    def __init__(self, thresholds: Thresholds, behaviours: tuple[Behaviour, ...] = ()) -> None:
        self._thresholds = thresholds
        self._tried_for = thresholds.tried_for
        self._names = ResolvedNames(thresholds.named_for)
        self._memory = ActorMemory(thresholds)
        self._verdicts: list[ScanVerdict] = []
        self._outcomes = Outcomes(thresholds, Judge(thresholds, behaviours), self._names, self._verdicts)
        self._clock = self._sweep_at = -inf
        self._late = 0
        self._clock_when_late = -inf

    def take(self, event: JudgedTraffic) -> None:
        """Count one event. This is the hot path: an attempt to a known peer leaves it early."""
        if type(event) is not Attempt:
            self._take_other(event)  # type: ignore[arg-type]  # an exact type is quicker to ask for
            return
        now = at = event.at
        if not self._clock <= at < self._sweep_at:
            now = self._tell_time(at)
        else:
            self._clock = at
        actor = self._memory.young.get(event.actor)
        if actor is None:
            actor = self._meet(event.actor, event.source, event if at == now else None)
            if actor is None:
                return
        if now >= actor.due:
            self._outcomes.let_wait(actor, now)
        protocol = event.protocol
        key = event.port if protocol == "tcp" else event.port + KEYS[protocol]
        port = actor.ports.get(key)
        if port is None:
            port = self._open_port(actor, key, event, now)
        port.attempts += 1
        port.last = now
        minute = int(now // 60)
        if minute != actor.minute and (grown := count_minute(actor, minute)):
            self._memory.hold(actor, grown)
        actor.minute_attempts += 1
        destination = event.destination
        known = port.contacts.get(destination)
        if known is None or known < now - self._tried_for:
            self._contact(actor, port, destination, now)
        elif known != GOOD:
            port.contacts[destination] = now
        elif protocol != "arp":  # its answers go to the asker alone: not seen is not failed
            if actor.peers is None:
                actor.peers = Peers()
            actor.peers.open(destination, now, self._thresholds.outage_seconds)

    def advance(self, now: float) -> None:
        """Let open contacts run out of patience up to `now` (seconds since the epoch); the events' own time is not
        changed by it.
        """
        if now > self._clock + self._thresholds.leap:
            self._drop_open()
        elif self._memory.waiting:
            self._sweep(now)

    def verdicts(self) -> list[ScanVerdict]:
        """What is new since the last call."""
        found = self._verdicts[:]
        self._verdicts.clear()
        return found

    def tallies(self) -> tuple[ActorTally, ...]:
        """What actors did on ports that are worth telling, whether there is a verdict or not."""
        return tuple(one for actor in self._memory.walk() for one in tally(actor))

    def forgotten(self) -> tuple[str, ...]:
        """What was forgotten for want of room, in words."""
        return self._memory.forgotten()

    def _take_other(self, event: Reply | Resolved | Request) -> None:
        at = event.at
        now = self._clock = at if self._clock <= at < self._sweep_at else self._tell_time(at)
        if isinstance(event, Resolved):
            self._names.add(event.client, event.address, now)
            return
        if isinstance(event, Request):
            sender = self._memory.young.get(event.actor) or self._meet(event.actor, event.source, None)
            if sender and (verdict := judge_request(sender, event, now, self._thresholds)):
                self._verdicts.append(verdict)
            return
        found = self._memory.find(event.actor)
        if found is None:
            first = self._memory.newcomers.get(event.actor)
            if first is None or self._keep_first_outcome(first, event, now):
                return
            found = self._meet(event.actor, b"", None)
            assert found is not None
        if now >= found.due:
            self._outcomes.let_wait(found, now)
        port = found.ports.get(event.port + KEYS[event.protocol])
        if port is not None:
            self._outcomes.settle(found, port, event, now)

    def _meet(self, key: bytes, source: bytes, attempt: Attempt | None) -> ActorContacts | None:
        """The actor of a key that is not among the young. None = it is new, and its only `attempt` is kept."""
        memory = self._memory
        first = memory.newcomers.pop(key, None)
        if first is None and attempt is not None and key not in memory.old:
            memory.greet(attempt)
            return None
        actor = memory.recall(key, first.source if first else source)
        if first is not None:
            port = self._open_port(actor, first.port + KEYS[first.protocol], first, first.at)
            port.attempts = 1
            actor.minute, actor.minute_attempts = int(first.at // 60), 1
            self._contact(actor, port, first.destination, first.at)
            answered = memory.first_answers.pop(key, None)
            if answered is not None:
                self._outcomes.settle_first(actor, port, first, answered)
        return actor

    def _keep_first_outcome(self, first: Attempt, reply: Reply, now: float) -> bool:
        """Whether what became of the only attempt of a newcomer can be noted beside it. Most who come once never come
        again, and an actor costs ten times as much.
        """
        if first.protocol != "tcp" or (reply.destination, reply.port, reply.protocol) != (
            first.destination, first.port, first.protocol,
        ):  # fmt: skip
            return False
        answers = self._memory.first_answers
        if reply.actor in answers:
            return True  # an answer stands
        in_time = now - first.at < self._outcomes.patience_of_new()
        if reply.outcome == "answered" and in_time:
            answers[reply.actor] = now
            self._outcomes.note_trip(now - first.at)
            return True
        # silence is what the attempt itself will tell when its actor comes again, unless names may have come by then
        return reply.outcome == "silent" and not in_time and not self._names.seen

    def _open_port(self, actor: ActorContacts, key: int, event: Attempt, now: float) -> PortContacts:
        if len(actor.ports) >= self._thresholds.most_ports_of_one:
            self._memory.shrink_ports(actor)
        self._memory.hold(actor, COST)
        port = actor.ports[key] = PortContacts(key, event.port, event.protocol, now)
        return port

    def _contact(self, actor: ActorContacts, port: PortContacts, destination: bytes, now: float) -> None:
        """A first contact."""
        contacts = port.contacts
        memory = self._memory
        if contacts.pop(destination, None) is None:
            actor.held += 1
            memory.held += 1
        if port.protocol == "arp" and memory.knows(destination):
            contacts[destination] = GOOD  # it was heard itself, so it is there
            return
        contacts[destination] = now
        if len(contacts) > self._thresholds.most_destinations_of_one:
            memory.shrink_destinations(actor, port.key)
        if actor.held > memory.most_held // 4:
            memory.shrink_ports(actor)
        if memory.held > memory.most_held:
            memory.turn()
        port.first_contacts += 1
        key = port.key
        if port.protocol != "arp":
            actor.remember_port(key, destination, self._thresholds.port_share_of)
        if key & SLOW:
            waiting = actor.slow = actor.slow or Waiting()
            due = now + self._thresholds.patience_slow
        else:
            waiting = actor.quick = actor.quick or Waiting()
            due = now + self._outcomes.patience_of(actor)
        waiting.add(destination, key, now)
        if due < actor.due:
            actor.due = due
            memory.waiting[actor.key] = actor

    def _tell_time(self, at: float) -> float:
        """The time that an event counts at, when it is not simply the next moment."""
        clock = self._clock
        if not -1e12 < at < 1e12:  # no time at all: nan, infinite
            at = clock if clock > -inf else 0.0
        if at > clock:
            if at > clock + self._thresholds.leap:
                self._drop_open()
            else:
                self._sweep(at)
            self._clock, self._sweep_at = at, at + SWEEP
            return at
        if at >= clock - self._thresholds.late:
            return clock
        self._late = self._late + 1 if clock == self._clock_when_late else 1
        self._clock_when_late = clock
        if self._late < self._thresholds.late_in_a_row:
            return clock
        self._drop_open()
        self._late = 0
        self._clock, self._sweep_at = at, at + SWEEP
        return at

    def _sweep(self, now: float) -> None:
        """Everybody's open contacts."""
        waiting = self._memory.waiting
        for key, actor in list(waiting.items()):
            if now >= actor.due:
                self._outcomes.let_wait(actor, now)
            if actor.due == inf:
                del waiting[key]

    def _drop_open(self) -> None:
        """The clock was changed: whatever is open says nothing of anybody."""
        for actor in self._memory.waiting.values():
            self._outcomes.drop_open(actor)
        self._memory.waiting.clear()
