"""What the reading of one script may cost: a deadline behind the readers' own limits, and what was cut."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

SECONDS = 5.0  # of one script; the largest of the development corpus take two
_EVERY = 256  # steps between two looks at the clock
FAILURES = (RecursionError, MemoryError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What a reader may meet in a text that nobody thought of. It must cost only what this reader would still have said."""


class Spent(Exception):
    """The time for a script is over."""


class Budget:
    """The time that is left for a script, in `seconds`, and why it was not read to its end (`cut`, empty = it was)."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.cut = ""
        self._end = time.monotonic() + seconds
        self._steps = 0

    def take_step(self) -> None:
        """Counts a step. Raises Spent."""
        self._steps += 1
        if self._steps % _EVERY == 0 and time.monotonic() > self._end:
            raise Spent


_BUDGET: ContextVar[Budget | None] = ContextVar("_BUDGET", default=None)


def take_step() -> None:
    """Counts a step of the script that is being read. Raises Spent."""
    budget = _BUDGET.get()
    if budget is not None:
        budget.take_step()


def note_cut(why: str) -> None:
    """Notes that the script is not read to its end; the first reason is kept."""
    budget = _BUDGET.get()
    if budget is not None and not budget.cut:
        budget.cut = why


@contextmanager
def keep_what_was_read(*tired: type[Exception]) -> Iterator[None]:
    """Ends the part of a reading inside it when time is over, a reader is `tired` or fails; what was seen counts."""
    try:
        yield
    except Spent:
        note_cut("reading it takes too long")
    except tired:
        note_cut("more steps than a script may take")
    except FAILURES as error:
        note_cut(f"its reader failed: {type(error).__name__}")


@contextmanager
def spend(budget: Budget) -> Iterator[None]:
    """Readers inside it draw on this budget; their failures are noted in it."""
    token = _BUDGET.set(budget)
    try:
        with keep_what_was_read():
            yield
    finally:
        _BUDGET.reset(token)
