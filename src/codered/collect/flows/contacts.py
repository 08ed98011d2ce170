"""Contacts of one chunk, each given once a minute: what is repeated within it is counted only. A detector learns
nothing from a repetition, and most of a log is that.
"""

from operator import attrgetter

from codered.collect.flows.addresses import pack_address
from codered.collect.flows.chunk import SILENT_AFTER, Contact, FlowChunk
from codered.model.traffic import Outcome, Transport

ContactKey = tuple[bytes, bytes, int, Transport | None, Outcome | None, float]
"""Source and destination as text, port, protocol, outcome, minute since the epoch."""


class ContactTable:
    """The contacts of a chunk in the making. `seen` holds the keys of `contacts`, `counts` how often one came again,
    `latest` is the key added last.
    """

    def __init__(self) -> None:
        self.seen: set[ContactKey] = set()
        self.counts: dict[ContactKey, int] = {}
        self.contacts: list[Contact] = []
        self.latest: ContactKey | None = None

    def add(self, key: ContactKey, at: float) -> None:
        """One attempt that began `at`; its protocol and outcome are known, its addresses sound."""
        source, destination, port, protocol, outcome, _ = key
        assert protocol is not None
        assert outcome is not None
        self.latest = key
        if key in self.seen:
            self.counts[key] = self.counts.get(key, 0) + 1
            return
        self.seen.add(key)
        replied = find_reply_time(at, outcome)
        here, there = pack_address(source), pack_address(destination)
        self.contacts.append(Contact(at, here, there, port, protocol, outcome, replied))

    def add_again(self, key: ContactKey, count: int) -> None:
        """A contact that was given came so often again."""
        self.counts[key] = self.counts.get(key, 0) + count

    def fill(self, chunk: FlowChunk) -> None:
        """Hand everything over to the chunk, in rising time."""
        self.contacts.sort(key=_start_of)
        chunk.contacts = self.contacts
        sums: dict[tuple[bytes, int, Transport, int], int] = {}
        for (source, _, port, protocol, _, minute), count in self.counts.items():
            assert protocol is not None
            group = (pack_address(source), port, protocol, int(minute))
            sums[group] = sums.get(group, 0) + count
        chunk.repeated = [(*group, count) for group, count in sums.items()]


def find_reply_time(at: float, outcome: Outcome) -> float:
    """When it was known what became of an attempt: logs say how long a flow lasted, not when it was answered."""
    return at + SILENT_AFTER if outcome == "silent" else at


_start_of = attrgetter("at")
