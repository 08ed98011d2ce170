"""Signs of life on stderr while devices are waited for."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from codered.cli.output import say
from codered.export.writing.escaping import printable
from codered_hq.cli.tables import count
from codered_hq.model.device import ControlOrder

EACH = 2.0
"""Seconds between two lines; what is quicker says nothing."""
MOST_NAMED = 4


@contextmanager
def say_alive(each: float = EACH) -> Iterator[Callable[[str], None]]:
    """A function to tell what is being done; it is said every `each` seconds until the end."""
    ended, now = threading.Event(), ["at work"]
    begin = time.monotonic()

    def speak() -> None:
        while not ended.wait(each):
            say(f"codered: {printable(now[0])} ({time.monotonic() - begin:.0f} s)")

    def tell(what: str) -> None:
        now[0] = what

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    try:
        yield tell
    finally:
        ended.set()
        speaker.join()


def tell_work(orders: Sequence[ControlOrder]) -> str:
    """What is being changed where, in words."""
    names = list(dict.fromkeys(order.device for order in orders))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{count(len(orders), 'change')} under way on {', '.join(names[:MOST_NAMED]) or 'nothing'}{more}"
