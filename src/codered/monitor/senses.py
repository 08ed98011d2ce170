"""Everything a watch hears with: folders, writers, program starts. One place to wait, bounded work each time."""

import os
import select
import stat
from collections.abc import Iterable
from datetime import datetime
from itertools import islice

import msgspec

from codered.collect.watching.folders import FolderWatch, Heard
from codered.collect.watching.process_starts import ProcessStarts
from codered.collect.watching.writers import Writers
from codered.model.finding import Finding
from codered.model.monitoring import WatchedPlace
from codered.model.paths import path_from_bytes
from codered.model.process import ProcessId
from codered.model.target import Target
from codered.monitor.network import NetworkSense

MOST_SHOWN = 100
MOST_POLLED = 2_000  # folders without a watch that are looked at by the clock
NO_TELLING = "the kernel does not tell of process starts here: /proc is read each second, what is shorter is missed"
NO_WRITERS = "who writes a file is not known here (fanotify needs root): only what runs it can be held"


class Senses:
    """The open senses of one watch on one target."""

    def __init__(
        self,
        target: Target,
        places: Iterable[WatchedPlace],
        own: Iterable[bytes],
        since: datetime | None = None,
        network: NetworkSense | None = None,
    ) -> None:
        """`since`: when the watch began; None = now, so that no link is older. `network` is closed with the rest."""
        self.network = network
        self.writers = Writers()
        self.folders = FolderWatch(target, self.writers, own)
        self.starts = ProcessStarts()
        self._target = target
        self._stamps: dict[bytes, tuple[int, int]] = {}
        self._since = since.timestamp() if since is not None else 0.0
        self._old_links: dict[bytes, str] = {}
        self.places = tuple(places)
        for place in self.places:
            self.folders.add(place)

    def notes(self) -> tuple[str, ...]:
        """What can't be heard here, in words."""
        return (
            *(self.network.notes() if self.network is not None else ()),
            *(() if self.starts.told else (NO_TELLING,)),
            *(() if self.writers.known else (NO_WRITERS,)),
            *(
                f"not followed, it was there when the watch began: {one}"
                for one in self.name_unwatched(self._old_links)
            ),
        )

    def wait(self, seconds: float, *more: int) -> None:
        """Until something is heard, one of these descriptors can be read, or the time is over."""
        poll = select.poll()
        network = self.network.fileno() if self.network is not None else -1
        for descriptor in (self.folders.fileno(), self.writers.fileno(), self.starts.fileno(), network, *more):
            if descriptor >= 0:
                poll.register(descriptor, select.POLLIN)
        seconds = self.network.limit(seconds) if self.network is not None else seconds
        poll.poll(max(0.0, seconds) * 1000)

    def read_network(self) -> list[Finding]:
        """Who scans, or sends what shows a threat."""
        return self.network.read() if self.network is not None else []

    def find_network_gaps(self) -> tuple[str, ...]:
        """What of the network is not seen, and was not said yet."""
        return self.network.find_gaps() if self.network is not None else ()

    def read_folders(self) -> Heard:
        """What changed. Who wrote is read first, so that it is known then. Raises OSError."""
        self.writers.read()
        return self.folders.read()

    def find_writer(self, path: bytes) -> ProcessId | None:
        """Who wrote the file last."""
        self.writers.read()
        return self.writers.find(path)

    def poll_unwatched(self) -> list[bytes]:
        """The folders without a watch in which something is not as it was at the last look."""
        changed = []
        for rel in list(self.folders.unwatched)[:MOST_POLLED]:
            stamp = _read_stamp(self._target, rel)
            if stamp is not None and self._stamps.get(rel, stamp) != stamp:
                changed.append(rel)
            if stamp is not None:
                self._stamps[rel] = stamp
        return changed

    def list_unwatched(self, unwalked: dict[bytes, str]) -> dict[bytes, str]:
        """What is there and can't be watched or walked (`unwalked`), and why. A place that is not there is no gap, nor
        is a link on the way that was there when the watch began: it is noted.
        """
        no_links = self.folders.missing.union(place.rel for place in self.places)
        there, self._old_links = {}, {}
        for rel, why in unwalked.items():
            try:
                seen = os.lstat(self._target.absolute(rel))
            except OSError:
                continue
            # Nobody can set the ctime: a link that was made or renamed since is as young as that.
            if rel not in no_links and stat.S_ISLNK(seen.st_mode) and seen.st_ctime < self._since:
                self._old_links[rel] = why
            elif rel not in self.folders.missing:
                there[rel] = why
        return there | self.folders.unwatched

    def name_unwatched(self, left: dict[bytes, str]) -> tuple[str, ...]:
        """The same for people, the first of it."""
        shown = islice(left.items(), MOST_SHOWN)
        named = tuple(f"{os.fsdecode(self._target.absolute(rel))}: {why}" for rel, why in shown)
        return (*named, f"and {len(left) - MOST_SHOWN} more") if len(left) > MOST_SHOWN else named

    def name_places(self) -> tuple[str, ...]:
        """The places, for people."""
        return tuple(
            path_from_bytes(self._target.absolute(place.rel)).text + (" and below" if place.deep else "")
            for place in self.places
        )

    def close(self) -> None:
        """Hear no more."""
        self.folders.close()
        self.writers.close()
        self.starts.close()
        if self.network is not None:
            self.network.close()


class Counts(msgspec.Struct):
    """What a watch has counted."""

    events: int = 0
    files: int = 0
    starts: int = 0
    overflows: int = 0


def _read_stamp(target: Target, rel: bytes) -> tuple[int, int] | None:
    """The latest change of anything right in a folder (ctime, ns) and how many files there are."""
    try:
        folder = target.open_dir(rel)
    except OSError:
        return None
    try:
        latest, count = os.fstat(folder).st_ctime_ns, 0
        with os.scandir(folder) as entries:
            for entry in entries:
                seen = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(seen.st_mode):
                    latest, count = max(latest, seen.st_ctime_ns), count + 1
        return latest, count
    except OSError:
        return None
    finally:
        os.close(folder)
