"""Families of processes, judged beside their members: a worm that starts a new process for each attempt, or has many
workers, tries too little with each of them to be known by.
"""

from collections import Counter
from collections.abc import Callable
from itertools import islice

import msgspec

from codered.collect.traffic.families import Head, is_at_terminal, is_family
from codered.model.traffic import Actor, Attempt, Reply, ScanVerdict, Transport

MOST_OF_ONE = 16
"""First destinations of a member on a port that its families get: who tries more is known by himself."""

MOST_MEMBERS = 1 << 14
MOST_FAMILIES = 1 << 12
MOST_BRANCHES = 1 << 10
FEWEST = 2
MOST_SHARE = 0.75  # of a family's attempts by one branch: it is that branch's doing then
MOST_NAMED = 5
TYPED = "it is the shell of a terminal: somebody may have typed these, one after the other"

_Port = tuple[bytes, int, Transport]


class _Family(msgspec.Struct):
    """`branches` by port, and how many attempts came over each."""

    head: Head
    branches: dict[tuple[int, Transport], Counter[bytes]] = {}
    above: tuple[bytes, ...] = ()


class ProcessFamilies:
    """`find_heads` gives the ancestors of an actor, `describe` who a key stands for. Bounded; the oldest are forgotten
    first.
    """

    def __init__(self, find_heads: Callable[[bytes], tuple[Head, ...]], describe: Callable[[bytes], Actor]) -> None:
        self._find_heads, self._describe = find_heads, describe
        self._heads: dict[bytes, tuple[Head, ...]] = {}
        self._reached: dict[_Port, set[bytes]] = {}
        self._families: dict[bytes, _Family] = {}
        self._told: dict[_Port, None] = {}

    def relay(self, event: Attempt | Reply) -> list[Attempt] | list[Reply]:
        """The same event as one of the families of its actor; none if it belongs to no family, or did enough."""
        actor, destination = event.actor, event.destination
        port = actor, event.port, event.protocol
        reached = self._reached.get(port)
        if isinstance(event, Reply):
            if reached is None or destination not in reached:
                return []
            at, number, outcome, protocol = event.at, event.port, event.outcome, event.protocol
            heads = self._heads.get(actor, ())
            return [Reply(at, head.key, destination, number, outcome, protocol) for head in heads]
        if reached is None:
            if not actor.startswith(b"pid "):
                return []
            reached = self._reached[port] = set()
            _shorten(self._reached, MOST_MEMBERS)
        if destination not in reached:
            if len(reached) >= MOST_OF_ONE:
                return []
            reached.add(destination)
        heads = self._meet(actor)
        for head in heads:
            self._count(head, event)
        return [Attempt(event.at, head.key, event.source, destination, event.port, event.protocol) for head in heads]

    def sift(self, verdicts: list[ScanVerdict]) -> list[ScanVerdict]:
        """Without what families are said to do that one process, or a smaller family, is known to do already."""
        told = []
        for verdict in sorted(verdicts, key=self._rank):
            one: ScanVerdict | None = verdict
            if verdict.kind == "scan" and is_family(verdict.actor):
                one = self._judge(verdict)
            if one is not None:
                told.append(one)
                if one.kind == "scan":
                    self._note(one)
        return told

    def _meet(self, actor: bytes) -> tuple[Head, ...]:
        heads = self._heads.get(actor)
        if heads is None:
            heads = self._heads[actor] = self._find_heads(actor)
            _shorten(self._heads, MOST_MEMBERS)
            for level, head in enumerate(heads):
                if head.key not in self._families:
                    self._families[head.key] = _Family(head, above=tuple(one.key for one in heads[level + 1 :]))
                    _shorten(self._families, MOST_FAMILIES)
        return heads

    def _count(self, head: Head, attempt: Attempt) -> None:
        family = self._families.get(head.key)
        if family is None:
            return
        branches = family.branches.setdefault((attempt.port, attempt.protocol), Counter())
        if head.branch in branches or len(branches) < MOST_BRANCHES:
            branches[head.branch] += 1
        _shorten(family.branches, MOST_OF_ONE)

    def _rank(self, verdict: ScanVerdict) -> int:
        """Processes first, then families, the smaller ones first."""
        family = self._families.get(verdict.actor)
        return 0 if family is None else 8 - len(family.above)

    def _note(self, verdict: ScanVerdict) -> None:
        """What is said of a process or family is not said of those above it once more."""
        family = self._families.get(verdict.actor)
        heads = self._heads.get(verdict.actor, ())
        for key in family.above if family is not None else (head.key for head in heads):
            self._told[key, verdict.port, verdict.protocol] = None
        _shorten(self._told, MOST_MEMBERS)

    def _judge(self, verdict: ScanVerdict) -> ScanVerdict | None:
        """What is to be told of a family; None = nothing: it is one branch's doing, or was told."""
        family = self._families.get(verdict.actor)
        if family is None or (verdict.actor, verdict.port, verdict.protocol) in self._told:
            return None
        branches = family.branches.get((verdict.port, verdict.protocol), Counter())
        if len(branches) < FEWEST or max(branches.values()) > MOST_SHARE * branches.total():
            return None
        because = f"{self._name_members(branches)}; together {verdict.because}"
        if not is_at_terminal(family.head.program.id):
            return msgspec.structs.replace(verdict, because=because)
        return msgspec.structs.replace(
            verdict, because=because, confidence="likely", held_back=(*verdict.held_back, TYPED)
        )

    def _name_members(self, branches: Counter[bytes]) -> str:
        described = [self._describe(key) for key in islice(reversed(branches), MOST_NAMED)]
        names = [f"{one.name or 'gone'} {one.process.pid}" for one in described if one.process is not None]
        some = f" ({', '.join(names)}{', …' if len(branches) > len(names) else ''})" if names else ""
        return f"{len(branches)} different processes that it started{some}"


def _shorten(table: dict, most: int) -> None:  # type: ignore[type-arg]
    if len(table) > most:
        del table[next(iter(table))]
