"""What is settled: one byte an address, a block handed out when all of it is, and how many of each state there are."""

from collections.abc import Callable

from codered_hq.model.sweep import STATES, Block, State
from codered_hq.probing.ranges import AddressSpace, Place

_NUMBERS = {state: number for number, state in enumerate(STATES)}
_UNSETTLED = 255


class Ledger:
    """The states of a sweep's addresses."""

    def __init__(self, space: AddressSpace, on_block: Callable[[Block], None]) -> None:
        self._space = space
        self._on_block = on_block
        self._open: dict[int, bytearray] = {}
        self._counts = [0] * len(STATES)

    def settle(self, place: Place, state: State) -> None:
        """Write down an address's state, once."""
        number = _NUMBERS[state]
        self._counts[number] += 1
        block = place.block
        states = self._open.get(block)
        if states is None:
            states = self._open[block] = bytearray([_UNSETTLED]) * self._space.describe(block)[1]
        states[place.position] = number
        if _UNSETTLED not in states:
            del self._open[block]
            self._on_block(Block(first=self._space.describe(block)[0], states=bytes(states)))

    @property
    def settled(self) -> int:
        """How many addresses have a state."""
        return sum(self._counts)

    def count(self, unreached: int) -> dict[str, int]:
        """How many addresses have each state; those without one were not asked."""
        counts: dict[str, int] = {state: count for state, count in zip(STATES, self._counts, strict=True) if count}
        if unreached:
            counts["not_asked"] = counts.get("not_asked", 0) + unreached
        return counts
