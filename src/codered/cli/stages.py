"""What a word is doing, on stderr, for work that may take long: nothing at all where it is quick."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from codered.cli.output import say
from codered.export.writing.escaping import printable

SECONDS = 2.0  # without a word, and between two lines

Tell = Callable[[str], None]


@contextmanager
def show_stages(seconds: float = SECONDS) -> Iterator[Tell]:
    """A function to tell what is being done; what is still going on after `seconds` is said."""
    stages = _Stages(seconds)
    try:
        yield stages.tell
    finally:
        stages.stop()


class _Stages:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = time.monotonic()
        self._doing = ""
        self._timer: threading.Timer | None = None

    def tell(self, doing: str) -> None:
        """Take note of what is being done from now on."""
        self._doing = doing
        left = self._last + self._seconds - time.monotonic()
        if left <= 0:
            self.stop()
            self._say()
        elif self._timer is None:
            self._timer = threading.Timer(left, self._say)
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        """Say no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _say(self) -> None:
        self._last = time.monotonic()
        self._timer = None
        say(f"codered: {printable(self._doing)}")
