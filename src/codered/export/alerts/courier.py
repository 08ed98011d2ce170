"""Delivers in a thread of its own, so that a receiver that does not answer never keeps the watch waiting."""

import threading
from collections import deque
from collections.abc import Callable

MOST_WAITING = 1_000
TRIES = 4
FIRST_PAUSE = 1.0  # seconds, doubled with each try
CLOSE_SECONDS = 10.0


class Courier:
    """Hands payloads to `deliver`, which raises OSError if it fails. What finds no room is counted and told."""

    def __init__(self, name: str, deliver: Callable[[bytes], None], pause: float = FIRST_PAUSE) -> None:
        self._name = name
        self._deliver = deliver
        self._pause = pause
        self._waiting: deque[bytes] = deque()
        self._wake = threading.Condition()
        self._ending = threading.Event()
        self._closing = False
        self._dropped = 0
        self._left = 0
        self._is_delivering = False
        self._last_why = ""
        self._failed: dict[str, int] = {}
        self._thread: threading.Thread | None = None

    def send(self, payload: bytes) -> None:
        """Take a payload."""
        with self._wake:
            if len(self._waiting) >= MOST_WAITING:
                self._dropped += 1
                return
            self._waiting.append(payload)
            if self._thread is None:  # not before the watch has forked its judges
                self._thread = threading.Thread(target=self._run, name=f"alerts-{self._name}", daemon=True)
                self._thread.start()
            self._wake.notify()

    def troubles(self) -> tuple[str, ...]:
        """What failed since the last call."""
        with self._wake:
            found = [f"{self._name}: {count} alerts not delivered: {why}" for why, count in self._failed.items()]
            if self._dropped:
                found.append(f"{self._name}: {self._dropped} alerts dropped: {MOST_WAITING} wait already")
            if self._left:
                why = self._last_why or "the receiver was too slow"
                found.append(f"{self._name}: {self._left} alerts not delivered before the end: {why}")
            self._failed, self._dropped, self._left = {}, 0, 0
        return tuple(found)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Deliver what waits, then end; what is left after that time is told, and why the last try failed."""
        with self._wake:
            self._closing = True
            self._wake.notify()
            thread = self._thread
        if thread is not None:
            thread.join(seconds)
            with self._wake:
                self._ending.set()
                self._left += len(self._waiting) + self._is_delivering
                self._waiting.clear()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                if not self._waiting:
                    return
                payload = self._waiting.popleft()
                self._is_delivering = True
            self._try(payload)
            with self._wake:
                self._is_delivering = False

    def _try(self, payload: bytes) -> None:
        for number in range(TRIES):
            try:
                self._deliver(payload)
                self._last_why = ""
            except OSError as error:
                why = error.strerror or str(error) or type(error).__name__
                self._last_why = why
                if number + 1 < TRIES and not self._ending.wait(self._pause * 2**number):
                    continue
                with self._wake:
                    if self._ending.is_set():  # it is counted with what was left
                        return
                    if len(self._failed) < MOST_WAITING:
                        self._failed[why] = self._failed.get(why, 0) + 1
            return
