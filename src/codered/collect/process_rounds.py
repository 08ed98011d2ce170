"""Listing processes more than once: what was started meanwhile, and what takes a new id faster than it can be read."""

import os
import time
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.hidden_processes import list_pids
from codered.collect.process_identity import find_living, read_stat
from codered.collect.process_status import StatLine
from codered.model.process import UnreadProcess

ROUNDS = 8  # times that is listed again
PAUSE = 0.01  # seconds before each
MOST_NEW = 300  # newcomers looked at in a round
MOST_PARENTS = 8
ENOUGH = 3  # different ids of what has nobody who started it
MOST_NAMES = 5


class _Glimpse(NamedTuple):
    pid: int
    name: bytes
    round: int


class Rounds:
    """The pids to read. A process that forks and lets its parent end every few milliseconds is never there when its
    turn comes, so newcomers are looked at as soon as they are listed.
    """

    def __init__(self, proc: str) -> None:
        self._proc = proc
        self._listed = set(list_pids(proc))
        self._first = frozenset(self._listed)
        self._restless: list[_Glimpse] = []

    def pids(self) -> Iterator[int]:
        """All that is listed, then the newcomers of each further round, the newest first. Raises OSError."""
        yield from sorted(self._first)
        for number in range(ROUNDS):
            time.sleep(PAUSE)
            new = sorted(set(list_pids(self._proc)) - self._listed, reverse=True)[:MOST_NEW]
            self._listed.update(new)
            for pid in new:
                self._glance(pid, number)
            yield from new

    def find_restless(self) -> tuple[UnreadProcess, ...]:
        """What kept changing its id: at least three newcomers, in different rounds, that nobody who stays has started
        and that have all ended.
        """
        gone = [one for one in self._restless if self._has_ended(one.pid)]
        if len({one.round for one in gone}) < ENOUGH:
            return ()
        names = dict.fromkeys(one.name.decode(errors="backslashreplace") for one in gone)
        what = f"processes called {', '.join(list(names)[:MOST_NAMES])}"
        why = f"each ends while another takes its place, {len(gone)} times in a moment: none stays to be read"
        return (UnreadProcess(what, why),)

    def _glance(self, pid: int, number: int) -> None:
        try:
            line = read_stat(f"{self._proc}/{pid}")
        except ProcessLookupError:
            return
        if not line.kernel and not self._has_parent(line):
            self._restless.append(_Glimpse(pid, line.name, number))

    def _has_ended(self, pid: int) -> bool:
        try:
            find_living(f"{self._proc}/{pid}")
        except ProcessLookupError:
            return True
        return False

    def _has_parent(self, line: StatLine) -> bool:
        """Whether one of those that were there from the first started it, and is no mere heir of orphans."""
        for _ in range(MOST_PARENTS):
            if line.parent <= 1:
                return False
            try:
                parent = read_stat(f"{self._proc}/{line.parent}")
            except ProcessLookupError:
                return False
            if parent.pid in self._first:
                return not self._is_heir(parent)
            line = parent
        return False

    def _is_heir(self, line: StatLine) -> bool:
        """Whether orphans are given to it, as to pid 1: a systemd that serves one user."""
        try:
            own, first = os.stat(f"{self._proc}/{line.pid}/exe"), os.stat(f"{self._proc}/1/exe")
        except OSError:
            return False
        return line.name == b"systemd" and (own.st_dev, own.st_ino) == (first.st_dev, first.st_ino)
