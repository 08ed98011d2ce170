"""A flow log as a source of traffic."""

import os
from collections.abc import Callable, Iterator
from operator import attrgetter

from codered.collect.flows.addresses import show_address
from codered.collect.flows.chunk import Contact, FlowChunk, make_chunk
from codered.collect.flows.contacts import ContactKey
from codered.collect.flows.ordering import Ordering
from codered.collect.flows.pairing import Pairing
from codered.model.traffic import Actor, SeenTraffic, Transport

NO_PROCESS = "a flow log names no process"
_MOST_REPEATS = 1 << 20
_MOST_KNOWN = 1 << 17  # contacts
_MOST_SAID = 400

_time_of = attrgetter("at")
_fields_of = attrgetter("at", "source", "destination", "port", "protocol", "outcome", "replied")

ReadChunks = Callable[[int], Iterator[FlowChunk]]


class FlowSource:
    """See TrafficSource. `left_out` counts records by what they say that is no attempt ("alert events"), `one_sided`
    one-way flows that tell nothing without their other direction, `late` events given out of order;
    `unconfined` is why the processes that read it could do more than read ("" = they could not, or there were none).
    """

    def __init__(self, descriptor: int, kind: str, read_chunks: ReadChunks) -> None:
        self.kind = kind
        self.packets = 0
        self.records = 0
        self.troubles: list[str] = []
        self.unconfined = ""
        self.first = 0.0
        self.last = 0.0
        self.repeats: dict[tuple[bytes, int, Transport, int], int] = {}
        self.left_out: dict[str, int] = {}
        self.late = 0
        self.lacks_direction = False  # one-way flows are put together, or not given
        self.one_sided = 0
        self._descriptor = descriptor
        self._read_chunks = read_chunks
        self._damaged = 0
        self._first_damage = ""
        self._uncounted = 0
        self._known: set[ContactKey] = set()

    def read(self) -> Iterator[SeenTraffic]:
        """Every event once, in rising time within a window of 30 s: what was written later than that comes late. Forks
        for a large file.
        """
        ordering, pairing = Ordering(), Pairing()
        for chunk in self._read_chunks(self._descriptor):
            contacts = chunk.contacts
            if chunk.one_way:
                contacts = contacts + [done for flow in chunk.one_way for done in pairing.take(flow)]
            self._count(chunk)
            ordering.put(chunk, self._drop_known(contacts))
            yield from ordering.take()
        ordering.put(make_chunk(), pairing.finish())
        yield from ordering.take(everything=True)
        self._say_troubles(ordering, pairing)

    def describe(self, actor: bytes) -> Actor:
        """The address."""
        return Actor(address=show_address(actor), why_no_process=NO_PROCESS)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _count(self, chunk: FlowChunk) -> None:
        self.records += chunk.records
        for what, count in chunk.left_out.items():
            self.left_out[what] = self.left_out.get(what, 0) + count
        if chunk.damaged and not self._damaged:
            self._first_damage = f"line {chunk.damaged_line}: {chunk.damaged_why}"
        self._damaged += chunk.damaged
        self.unconfined = self.unconfined or chunk.unconfined[:_MOST_SAID]
        if chunk.trouble:
            self.troubles.append(chunk.trouble)
        for actor, port, protocol, minute, count in chunk.repeated:
            self._count_repeated((actor, port, protocol, minute), count)
        for listed in (chunk.contacts, chunk.answers, chunk.asked, chunk.one_way):
            if listed:
                first, last = min(map(_time_of, listed)), max(map(_time_of, listed))
                self.first = min(self.first or first, first)
                self.last = max(self.last, last)

    def _drop_known(self, contacts: list[Contact]) -> list[Contact]:
        """Without those that an earlier chunk gave in the same minute: they are counted, as within a chunk."""
        known, given = self._known, []
        if len(known) > _MOST_KNOWN:
            known.clear()
        for contact in contacts:
            at, source, there, port, protocol, outcome, _ = _fields_of(contact)
            key = (source, there, port, protocol, outcome, at // 60)
            if key in known:
                self._count_repeated((source, port, protocol, int(at // 60)), 1)
            else:
                known.add(key)
                given.append(contact)
        return given

    def _count_repeated(self, group: tuple[bytes, int, Transport, int], count: int) -> None:
        if group in self.repeats or len(self.repeats) < _MOST_REPEATS:
            self.repeats[group] = self.repeats.get(group, 0) + count
        else:
            self._uncounted += count

    def _say_troubles(self, ordering: Ordering, pairing: Pairing) -> None:
        say = self.troubles.append
        if self._damaged:
            say(f"{self._damaged:,} of {self.records:,} records could not be read, first {self._first_damage}")
        if pairing.forgotten:
            say(f"{pairing.forgotten:,} one-way flows were judged before their other direction could come: too many")
        if self._uncounted:
            say(f"{self._uncounted:,} repeated attempts are missing from the counts per minute: too many hosts")
        self.late = ordering.late
        self.one_sided = pairing.one_sided
