"""What every file of traffic gives, whatever its format: events in time, and in words what could not be read."""

from collections.abc import Iterator
from typing import Protocol

from codered.model.traffic import Actor, SeenTraffic, Transport

Repeats = dict[tuple[bytes, int, Transport, int], int]
"""Attempts that were counted and not given: (actor, port, protocol, minute since the epoch) -> how many."""


class TrafficSource(Protocol):
    """An open file of traffic. `packets`, `records`, `troubles` (truncated, damaged, not decoded: in words), `first`
    and `last` (seconds since the epoch, 0.0 = none), `repeats`, and `lacks_direction` (what looks failed may have
    been answered: one direction is missing) are right once `read` is through.
    """

    kind: str
    packets: int
    records: int
    troubles: list[str]
    first: float
    last: float
    repeats: Repeats
    lacks_direction: bool

    def read(self) -> Iterator[SeenTraffic]:
        """Every event once, in rising time as far as the file allows."""
        ...

    def describe(self, actor: bytes) -> Actor:
        """Who the key of an event stands for."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
