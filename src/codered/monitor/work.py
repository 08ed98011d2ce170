"""What is to be judged next: what just changed before all else, then new folders, and in the background everything.

Bounded: more changes than can be kept become one look at everything.
"""

import os
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from itertools import islice

from codered.collect.walking import Folder, Unwalked, walk
from codered.model.monitoring import WatchedPlace
from codered.model.target import Target
from codered.monitor.questions import AskFiles, AskPersistence, AskProcesses, Question

MOST_PENDING = 20_000  # changed files, and pids
BATCH = 64  # names of one question
AGAIN = 1.0  # seconds before a file that keeps changing is judged once more
LATER = 3.0  # seconds after its start at which a process is looked at once more
_SHORT, _LONG = 1.0, 10.0  # seconds between two looks at what starts by itself


class Work:
    """The work of one watch on one target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._changed: OrderedDict[bytes, float] = OrderedDict()
        self._judged: OrderedDict[bytes, float] = OrderedDict()
        self._walks: deque[Iterator[Folder | Unwalked]] = deque()
        self._pids: OrderedDict[int, float] = OrderedDict()
        self._second: OrderedDict[int, float] = OrderedDict()
        self._persistence = 0.0
        self._pause = _SHORT
        self._asked = 0.0
        self._background: deque[Iterator[Folder | Unwalked] | Question] = deque()
        self._looked_at: tuple[bytes, ...] = ()
        self.unwalked: dict[bytes, str] = {}

    def add_changed(self, rel: bytes) -> bool:
        """A file has changed; False if there are too many, and all are forgotten."""
        now = time.monotonic()
        last = self._judged.get(rel, 0.0)
        if rel not in self._changed:
            self._changed[rel] = max(now, last + AGAIN) if last else now
        if len(self._changed) <= MOST_PENDING:
            return True
        self._changed.clear()
        return False

    def add_folder(self, rel: bytes) -> bool:
        """A folder is new: all that is in it; False if there are too many, and all are forgotten."""
        if len(self._walks) >= MOST_PENDING:
            self._walks.clear()
            return False
        self._walks.append(walk(self._target, (rel,), self._looked_at))
        return True

    def add_started(self, pids: Iterable[int]) -> int:
        """Programs were started; how many are too many to be looked at singly."""
        now, left_out = time.monotonic(), 0
        for pid in pids:
            if len(self._pids) >= MOST_PENDING:
                left_out += 1
            else:
                self._pids[pid] = now
        return left_out

    def add_processes(self) -> None:
        """All that run, in the background: which were started is not known."""
        if AskProcesses() not in self._background:
            self._background.appendleft(AskProcesses())

    def add_persistence(self) -> None:
        """What starts by itself or who may log in may have changed."""
        if not self._persistence:
            self._persistence = max(time.monotonic(), self._asked + self._pause)

    def add_everything(self, places: Iterable[WatchedPlace], *, whole: bool) -> None:
        """Look everywhere, in the background; `whole`: also at what takes long."""
        self._background.clear()
        places = tuple(places)
        # A link into a folder that is watched without what is below it leads to what nobody watches.
        self._looked_at = tuple(place.rel for place in places if place.deep)
        self._background += [AskPersistence(), AskProcesses()]
        for place in places:
            start = (
                walk(self._target, (place.rel,), self._looked_at) if place.deep else _list_one(self._target, place.rel)
            )
            self._background.append(start)
        if whole:
            self._background.append(AskPersistence(whole=True))

    def is_background_done(self) -> bool:
        """Whether the look everywhere has been dealt out."""
        return not self._background

    def next_due(self) -> float:
        """Seconds until something urgent may be asked; a large number if nothing waits."""
        now = time.monotonic()
        if self._walks:
            return 0.0
        times = [*islice(self._changed.values(), BATCH), *([self._persistence] if self._persistence else [])]
        times += [*islice(self._pids.values(), 1), *islice(self._second.values(), 1)]
        return max(0.0, min(times) - now) if times else 3600.0

    def next_urgent(self) -> Question | None:
        """The next thing that can't wait."""
        now = time.monotonic()
        names = [rel for rel, due in self._changed.items() if due <= now][:BATCH]
        if names:
            for rel in names:
                del self._changed[rel]
                self._judged[rel] = now
                self._judged.move_to_end(rel)
            while len(self._judged) > MOST_PENDING:
                self._judged.popitem(last=False)
            return AskFiles(group_files(names))
        if self._persistence and self._persistence <= now:
            # Who changes such files all the time is looked at more and more seldom.
            self._pause = min(_LONG, self._pause * 2) if now - self._asked < 2 * self._pause else _SHORT
            self._persistence, self._asked = 0.0, now
            return AskPersistence()
        folders = self._take(self._walks) if self._walks else None
        return folders or self._next_processes(now)

    def next_background(self) -> Question | None:
        """The next part of the look everywhere."""
        while self._background:
            first = self._background[0]
            if not isinstance(first, Iterator):
                self._background.popleft()
                return first
            found = self._take_from(first)
            if found is not None:
                return found
            self._background.popleft()
        return None

    def _next_processes(self, now: float) -> Question | None:
        pids = [pid for pid, due in self._pids.items() if due <= now][:BATCH]
        for pid in pids:
            del self._pids[pid]
            if len(self._second) < MOST_PENDING:
                self._second[pid] = now + LATER
        room = BATCH - len(pids)
        again = [pid for pid, due in islice(self._second.items(), BATCH) if due <= now][:room]
        for pid in again:
            del self._second[pid]
        alive = [pid for pid in dict.fromkeys(pids + again) if os.path.exists(f"/proc/{pid}")]
        return AskProcesses(alive) if alive else None

    def _take(self, walks: "deque[Iterator[Folder | Unwalked]]") -> Question | None:
        while walks:
            found = self._take_from(walks[0])
            if found is not None:
                return found
            walks.popleft()
        return None

    def _take_from(self, found: Iterator[Folder | Unwalked]) -> Question | None:
        """Some folders of a walk; None at its end."""
        folders: list[Folder] = []
        count = 0
        for item in found:
            if isinstance(item, Unwalked):
                self.unwalked.pop(item.rel, None)
                if item.state == "failed" and len(self.unwalked) < MOST_PENDING:
                    self.unwalked[item.rel] = item.why
                continue
            self.unwalked.pop(item.rel, None)
            folders.append(item)
            count += len(item.files) + len(item.folders) + 1
            if count >= BATCH:
                break
        return AskFiles(folders) if folders else None


def group_files(names: Iterable[bytes]) -> list[Folder]:
    """Files by their folders, as a scan wants them."""
    folders: dict[bytes, Folder] = {}
    for rel in names:
        parent, _, name = rel.rpartition(b"/")
        folders.setdefault(parent, Folder(parent, [], [])).files.append(name)
    return list(folders.values())


def _list_one(target: Target, rel: bytes) -> Iterator[Folder | Unwalked]:
    """The regular files right in a folder."""
    try:
        directory = target.open_dir(rel)
    except OSError:
        return
    try:
        with os.scandir(directory) as entries:
            names = [os.fsencode(entry.name) for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError as error:
        yield Unwalked(rel, "failed", error.strerror or str(error))
        return
    finally:
        os.close(directory)
    for at in range(0, len(names), BATCH):
        yield Folder(rel, names[at : at + BATCH], [])
