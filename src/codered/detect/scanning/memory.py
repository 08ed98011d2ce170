"""The actors that are remembered, within bounds: who was quiet longest is forgotten first, and that is said."""

from collections.abc import Iterator
from itertools import islice

from codered.detect.scanning.contacts import COST, ActorContacts
from codered.detect.scanning.thresholds import Thresholds
from codered.model.traffic import Attempt


class ActorMemory:
    """Two generations: `young` holds who was active since the last turn, `old` who was before. At a turn the old ones
    are forgotten, except who is told of or halfway to it (a flood of made-up sources must not wash those away).
    """

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self.young: dict[bytes, ActorContacts] = {}
        self.old: dict[bytes, ActorContacts] = {}
        self.waiting: dict[bytes, ActorContacts] = {}
        self.newcomers: dict[bytes, Attempt] = {}
        self.first_answers: dict[bytes, float] = {}  # when the one attempt of a newcomer was answered
        self.held = 0  # by the young
        self.most_held = thresholds.most_destinations // 2
        self._forgotten_actors = self._forgotten_destinations = self._forgotten_ports = 0

    def recall(self, key: bytes, source: bytes) -> ActorContacts:
        """The actor of a key that is not among the young; a new one if it is nowhere."""
        if len(self.young) >= self._thresholds.most_actors // 2:
            self.turn()
        actor = self.old.pop(key, None) or self.young.get(key)
        if actor is None:
            actor = ActorContacts(key, source)
        else:
            actor.measure()
        self.young[key] = actor
        self.held += actor.held
        return actor

    def greet(self, attempt: Attempt) -> None:
        """Keep the one attempt of somebody new: a flood of made-up sources has no second one. They cost a tenth."""
        self.newcomers[attempt.actor] = attempt
        most = 2 * self._thresholds.most_actors
        if len(self.newcomers) > most:
            for key in list(islice(self.newcomers, most // 4)):
                del self.newcomers[key]
                self.first_answers.pop(key, None)
                self._forgotten_actors += 1

    def find(self, key: bytes) -> ActorContacts | None:
        """The actor of a key, if it is remembered."""
        return self.young.get(key) or self.old.get(key)

    def knows(self, key: bytes) -> bool:
        """Whether this actor was seen, if only once."""
        return key in self.young or key in self.old or key in self.newcomers

    def turn(self) -> None:
        """Forget the old generation; the young one becomes old."""
        most = self._thresholds.most_actors // 4
        kept: dict[bytes, ActorContacts] = {}
        held = 0
        for key, actor in self.old.items():
            if len(kept) < most and held < self.most_held // 2 and self._is_worth(actor):
                kept[key] = actor
                held += actor.held
                continue
            self.waiting.pop(key, None)
            self._forgotten_actors += 1
        self.old, self.young, self.held = self.young, kept, held

    def hold(self, actor: ActorContacts, count: int) -> None:
        """Count what an actor needs more, or less."""
        actor.held += count
        self.held += count

    def shrink_destinations(self, actor: ActorContacts, key: int) -> None:
        """Forget the older destinations of one port of an actor."""
        gone = actor.ports[key].shrink()
        self._forgotten_destinations += gone
        self.hold(actor, -gone)

    def shrink_ports(self, actor: ActorContacts) -> None:
        """Forget half of the ports of an actor, least recent first, those told of last."""
        ranked = sorted(actor.ports.items(), key=lambda item: (bool(item[1].told), item[1].last))
        for key, port in ranked[: len(ranked) // 2]:
            del actor.ports[key]
            self._forgotten_ports += 1
            self.hold(actor, -len(port.contacts) - COST)

    def walk(self) -> Iterator[ActorContacts]:
        """Everybody who is remembered."""
        yield from self.old.values()
        yield from self.young.values()

    def forgotten(self) -> tuple[str, ...]:
        """What was forgotten for want of room, in words."""
        counts = (
            (self._forgotten_actors, f"who were quiet longest of more than {self._thresholds.most_actors:,} actors"),
            (self._forgotten_ports, f"ports of actors that tried more than {self._thresholds.most_ports_of_one}"),
            (
                self._forgotten_destinations,
                f"destinations of actors that reached for more than {self._thresholds.most_destinations_of_one:,}",
            ),
        )
        return tuple(f"{count:,} {what} were forgotten" for count, what in counts if count)

    def _is_worth(self, actor: ActorContacts) -> bool:
        enough = self._thresholds.threshold / 2
        return actor.is_told() or any(port.score >= enough for port in actor.ports.values())
