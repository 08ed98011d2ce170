"""A call as the handlers of its effects get it."""

from collections.abc import Callable
from typing import NamedTuple

from codered.detect.scripts.java.values import Value
from codered.detect.scripts.java.world import World


class Called(NamedTuple):
    """A call: on what, with what, and the index of its word."""

    world: World
    receiver: Value
    args: list[Value]
    at: int

    def report(self, fact: str) -> None:
        """The call shows a fact."""
        self.world.report(fact, self.at)


Handler = Callable[[Called], Value | None]
