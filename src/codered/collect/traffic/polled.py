"""Attempts as the tables of sockets show them, looked at again and again: for who has no right to more. What lives
shorter than the pause is missed.
"""

import ipaddress
import os
import time
from contextlib import suppress
from typing import NamedTuple

from codered.collect.sockets import parse_address
from codered.collect.traffic.clocks import measure_offset
from codered.collect.traffic.senses import NOT_IN_TIME, Counts
from codered.collect.traffic.who import Actors
from codered.model.traffic import Attempt, Reply, SeenTraffic

PAUSE = 0.1  # seconds between two looks
SILENT_AFTER = 1.0
_TABLES = ("tcp", "tcp6")
_SYN_SENT, _ESTABLISHED = b"02", b"01"
_MOST_TABLE = 16 << 20  # bytes
_MOST_SEARCHED = 4096  # descriptors of one look


class Pending(NamedTuple):
    """A socket that waits: its attempt, and whether its silence was told."""

    attempt: Attempt
    told: bool


class PolledSense:
    """Reads /proc/net of the caller's network namespace. Raises OSError if there is none."""

    def __init__(self, actors: Actors) -> None:
        self._actors = actors
        self.counts = Counts()
        self._pending: dict[bytes, Pending] = {}
        self._looked = 0.0
        self._offset = measure_offset()
        with open("/proc/thread-self/net/tcp", "rb"):
            pass

    def descriptors(self) -> tuple[int, ...]:
        """None: the clock wakes."""
        return ()

    def wait(self) -> float:
        """The pause between two looks."""
        return PAUSE

    def read(self) -> list[SeenTraffic]:
        """What the tables show that they did not show before."""
        now = time.monotonic() + self._offset
        if abs(now - self._looked) < PAUSE / 2:
            return []
        self._looked = now
        trying, connected = self._read_tables()
        found: list[SeenTraffic] = []
        for ends in list(self._pending):
            if ends not in trying:
                gone = self._pending.pop(ends).attempt
                if ends in connected:
                    found.append(Reply(now, gone.actor, gone.destination, gone.port, "answered"))
        new = {inode: ends for ends, inode in trying.items() if ends not in self._pending}
        holders = _find_holders(set(new)) if new else {}
        for inode, ends in new.items():
            attempt = self._begin(ends, holders.get(inode, 0), now)
            if attempt is not None:
                found.append(attempt)
        found.extend(self._age(now))
        return found

    def close(self) -> None:
        """Nothing is held."""

    def _begin(self, ends: bytes, pid: int, now: float) -> Attempt | None:
        own, _, other = ends.partition(b" ")
        source, destination = parse_address(own), parse_address(other)
        if source is None or destination is None:
            return None
        packed = ipaddress.ip_address(source[0]).packed
        key, program = self._actors.find(pid, time.monotonic_ns(), packed) if pid else (b"", None)
        if program is None:
            key = self._actors.name_nobody(packed, NOT_IN_TIME)
        self.counts.attempts += 1
        self.counts.with_process += program is not None
        self.counts.with_program += program is not None and program.program != ""
        attempt = Attempt(now, key, packed, ipaddress.ip_address(destination[0]).packed, destination[1])
        self._pending[ends] = Pending(attempt, told=False)
        return attempt

    def _age(self, now: float) -> list[SeenTraffic]:
        found: list[SeenTraffic] = []
        for ends, (attempt, told) in self._pending.items():
            if not told and attempt.at <= now - SILENT_AFTER:
                self._pending[ends] = Pending(attempt, told=True)
                found.append(Reply(now, attempt.actor, attempt.destination, attempt.port, "silent"))
        return found

    def _read_tables(self) -> tuple[dict[bytes, bytes], set[bytes]]:
        """Sockets that try (by their ends, with their inode) and those that are connected."""
        trying: dict[bytes, bytes] = {}
        connected: set[bytes] = set()
        for table in _TABLES:
            with suppress(OSError), open(f"/proc/thread-self/net/{table}", "rb") as file:
                for line in file.read(_MOST_TABLE).split(b"\n")[1:]:
                    fields = line.split()
                    if len(fields) < 10 or fields[3] not in (_SYN_SENT, _ESTABLISHED):
                        continue
                    ends = fields[1] + b" " + fields[2]
                    if fields[3] == _SYN_SENT:
                        trying[ends] = fields[9]
                    else:
                        connected.add(ends)
        return trying, connected


def _find_holders(inodes: set[bytes]) -> dict[bytes, int]:
    """The processes that hold these sockets, as far as they may be looked at."""
    wanted = {b"socket:[" + inode + b"]": inode for inode in inodes}
    found: dict[bytes, int] = {}
    looked = 0
    for pid in sorted((int(one) for one in os.listdir("/proc") if one.isdigit()), reverse=True):
        folder = b"/proc/%d/fd" % pid
        with suppress(OSError):
            for descriptor in os.listdir(folder):
                looked += 1
                with suppress(OSError):
                    inode = wanted.get(os.readlink(folder + b"/" + descriptor))
                    if inode is not None:
                        found[inode] = pid
        if len(found) == len(wanted) or looked > _MOST_SEARCHED:
            break
    return found
