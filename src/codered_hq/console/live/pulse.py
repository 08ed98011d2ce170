"""The pulse: one thread a process looks at the database while somebody watches, and tells every stream what moved."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, connections

from codered.model.errors import Refused
from codered_hq.console.live.marks import read_mark
from codered_hq.console.live.topics import TOPICS, Digest, Look

MOST_STREAMS = 500
MOST_OF_ONE = 20
"""Streams of one account."""
PAUSE = 0.25  # seconds between looks at the mark
BETWEEN_DIGESTS = 0.5
SHARE = 4  # a digest that took a second is not taken again for four
BETWEEN_CHECKS = 30.0  # of the sessions
GRACE = 5.0  # that it lives on after the last stream: a page that is loaded anew finds it


class Version(NamedTuple):
    """A topic as it was last seen: which move of the pulse that was."""

    number: int
    digest: Digest


class Stream:
    """One viewer's stream: woken in its own loop when something moved. `ended`: nothing more is to be sent;
    `signed_out`: because his session is over.
    """

    def __init__(self, may_stay: Callable[[], bool], loop: asyncio.AbstractEventLoop, account: int = 0) -> None:
        self.may_stay, self._loop, self.account = may_stay, loop, account
        self.woken, self.ended, self.signed_out = asyncio.Event(), False, False

    def wake(self) -> None:
        """From any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.woken.set)

    def end(self, signed_out: bool = False) -> None:
        """From any thread."""
        self.ended, self.signed_out = True, signed_out
        self.wake()


class Pulse:
    """Versions of all topics, and those who wait for them. Begins with the first stream, ends after the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: set[Stream] = set()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._forget()

    def join(self, stream: Stream) -> None:
        """Raises Refused if too many watch already."""
        with self._lock:
            if self._is_full(stream.account):
                raise Refused("too many pages are watched live already", advice="this one works; load it anew")
            self._streams.add(stream)
            if self._thread is None:
                self._stopping.clear()
                self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
                self._thread.start()

    def is_full(self, account: int = 0) -> bool:
        """Whether nobody more may join, or nobody of this account."""
        with self._lock:
            return self._is_full(account)

    def _is_full(self, account: int) -> bool:
        own = sum(each.account == account for each in self._streams) if account else 0
        return len(self._streams) >= MOST_STREAMS or own >= MOST_OF_ONE

    def leave(self, stream: Stream) -> None:
        """It is told nothing more."""
        with self._lock:
            self._streams.discard(stream)

    def stop(self) -> None:
        """End every stream and the thread: the server goes down."""
        self._stopping.set()
        with self._lock:
            thread = self._thread
            for stream in self._streams:
                stream.end()
        if thread is not None:
            thread.join(timeout=10)

    def find_moved(self, since: str) -> tuple[str, tuple[str, ...]]:
        """The mark of now, and the topics that moved since that mark: all of them if it is not one of this pulse's.
        ("", ()) as long as nothing was seen.
        """
        with self._lock:
            if not self._versions:
                return "", ()
            epoch, _, number = since.partition("-")
            seen = int(number) if epoch == self._epoch and number.isdecimal() and len(number) < 19 else 0
            moved = tuple(topic for topic in TOPICS if self._versions[topic].number > seen)
            return f"{self._epoch}-{self._number}", moved

    def find_mark(self, at: datetime) -> str:
        """The mark that a page which began at this time (aware) is sure to show; "" if nobody watches."""
        with self._lock:
            before = self._number - (self._moved_at >= at)
            return f"{self._epoch}-{before}" if self._versions and before > 0 else ""

    def find_versions(self, topics: Iterable[str]) -> tuple[str, ...]:
        """When these topics last moved; empty if nobody watches, and so nobody knows."""
        with self._lock:
            return tuple(f"{self._epoch}-{self._versions[each].number}" for each in topics if self._versions)

    def _forget(self) -> None:
        self._versions: dict[str, Version] = {}
        self._epoch, self._number = secrets.token_hex(4), 0
        self._moved_at = datetime.now(UTC)

    def _beat(self) -> None:
        """The thread. A database that is away is asked again: the streams stay and are told when it is back. Any other
        error ends the streams too: browsers connect anew, and with the first of them there is a new thread.
        """
        mark, pause, checked, alone_since = None, 0.0, time.monotonic(), time.monotonic()
        try:
            while not self._stopping.wait(max(pause, PAUSE)):
                now, pause = time.monotonic(), 0.0
                alone_since = now if self._streams else alone_since
                if self._is_over(now - alone_since):
                    return
                try:
                    if (found := read_mark()) != mark or self._is_stale("worker"):
                        self._look()
                        mark, pause = found, max(BETWEEN_DIGESTS, SHARE * (time.monotonic() - now))
                    if now - checked > BETWEEN_CHECKS:
                        checked = now
                        self._check_streams()
                except (DatabaseError, InterfaceError):
                    connections.close_all()
                    mark = None
        finally:
            connections.close_all()
            self._end_thread()

    def _is_over(self, alone: float) -> bool:
        """Decided and done under the lock: who joins a moment later gets a new thread."""
        with self._lock:
            over = not self._streams and alone > GRACE
            if over:
                self._thread = None
                self._forget()
            return over

    def _end_thread(self) -> None:
        with self._lock:
            if self._thread is threading.current_thread():
                self._thread = None
                self._forget()
                for stream in self._streams:
                    stream.end()
                self._streams.clear()

    def _is_stale(self, topic: str) -> bool:
        """Whether a topic that is not of the database has moved."""
        return topic in self._versions and Look().digest(topic) != self._versions[topic].digest

    def _look(self) -> None:
        look = Look()
        seen = {topic: look.digest(topic) for topic in TOPICS}
        with self._lock:
            moved = [each for each in TOPICS if each not in self._versions or self._versions[each].digest != seen[each]]
            if not moved:
                return
            self._number += 1
            self._moved_at = datetime.now(UTC)
            self._versions.update({topic: Version(self._number, seen[topic]) for topic in moved})
            streams = tuple(self._streams)
        for stream in streams:
            stream.wake()

    def _check_streams(self) -> None:
        """End those whose session or account has ended."""
        with self._lock:
            streams = tuple(self._streams)
        for stream in streams:
            if not stream.may_stay():
                stream.end(signed_out=True)


PULSE = Pulse()
