"""Watching folders of a target, with what lies below them: a new folder is watched before it is told, so that whoever
looks into it then misses nothing.
"""

import errno
import os
from collections.abc import Iterable, Iterator

import msgspec

from codered.collect.mounts import PSEUDO_FILE_SYSTEMS, REMOTE_FILE_SYSTEMS, find_mount, read_mounts
from codered.collect.watching import inotify
from codered.collect.watching.inotify import Inotify, RawEvent
from codered.collect.watching.writers import Writers
from codered.model.monitoring import WatchedPlace
from codered.model.target import Target

MOST_DEPTH = 200
MOST_WATCHES = 500_000
MOST_UNWATCHED = 10_000  # folders whose names are kept
MOST_READS = 16  # buffers of one go
TOO_DEEP = f"more than {MOST_DEPTH} folders deep"
NO_FOLDER = "something else, as a link, stands where the folder was: it is not followed"
LIMIT = "the kernel's limit of watches is reached (fs.inotify.max_user_watches)"
_WRITTEN = inotify.IN_CLOSE_WRITE | inotify.IN_MOVED_TO | inotify.IN_CREATE | inotify.IN_ATTRIB
_GONE = inotify.IN_DELETE | inotify.IN_MOVED_FROM
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_LEFT = inotify.IN_MOVE_SELF | inotify.IN_DELETE_SELF | inotify.IN_UNMOUNT


class Heard(msgspec.Struct):
    """What happened since the last look, by paths below the root: `changed` files, files and folders that are `gone`
    and new `folders`, each with its place. `overflow`: the kernel dropped events, so all of it may be out of date.
    """

    changed: dict[bytes, WatchedPlace] = {}
    gone: dict[bytes, WatchedPlace] = {}
    folders: dict[bytes, WatchedPlace] = {}
    overflow: bool = False
    events: int = 0


class _Spot(msgspec.Struct):
    rel: bytes
    place: WatchedPlace
    depth: int


class FolderWatch:
    """The watches of one target. `passed_over` are paths below the root that are the tool's own. `unwatched` names the
    folders that exist and can't be watched, and why.
    """

    def __init__(self, target: Target, writers: Writers, passed_over: Iterable[bytes] = ()) -> None:
        self._target = target
        self._inotify = Inotify()
        self._writers = writers
        self._own = tuple(passed_over)
        self._spots: dict[int, _Spot] = {}
        self._places: dict[bytes, WatchedPlace] = {}
        self._missing: dict[bytes, WatchedPlace] = {}
        self._starts: dict[bytes, tuple[int, int]] = {}
        self._seen: set[bytes] = set()
        self._mounts = read_mounts()
        self.unwatched: dict[bytes, str] = {}

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._inotify.fileno()

    @property
    def count(self) -> int:
        """How many folders are watched."""
        return len(self._spots)

    @property
    def missing(self) -> frozenset[bytes]:
        """The places that are not there."""
        return frozenset(self._missing)

    def add(self, place: WatchedPlace) -> None:
        """Watch a place; one that is not there yet is looked for again by `find_missing`."""
        self._places[place.rel] = place
        if not self._add_tree(place.rel, place, 0):
            self._missing[place.rel] = place

    def find_missing(self) -> dict[bytes, WatchedPlace]:
        """The places that have appeared since, watched now."""
        return {
            rel: self._missing.pop(rel) for rel, place in list(self._missing.items()) if self._add_tree(rel, place, 0)
        }

    def renew_moved(self) -> dict[bytes, WatchedPlace]:
        """The folders in whose stead another stands than the one watched, watched now: a parent was renamed, or
        something was mounted or unmounted, of which the kernel tells nothing.
        """
        mounts = read_mounts()
        points = [self._locate(path) for path, _ in mounts.items() ^ self._mounts.items()]
        self._mounts = mounts
        moved = {rel for rel in points if rel is not None and self._find_place(rel) is not None}
        moved |= {rel for rel, known in self._starts.items() if self._identify(rel) != known}
        renewed: dict[bytes, WatchedPlace] = {}
        for rel in sorted(moved):
            place = self._find_place(rel)
            if place is not None and not any(_is_within(rel, above) for above in renewed) and self._renew(rel):
                renewed[rel] = place
        return renewed

    def read(self) -> Heard:
        """What happened since. Raises OSError."""
        heard = Heard(changed={}, gone={}, folders={})
        for _ in range(MOST_READS):
            events = self._inotify.read()
            for event in events:
                heard.events += 1
                self._take(event, heard)
            if not events:
                break
        return heard

    def is_own(self, rel: bytes) -> bool:
        """Whether the path is the tool's own."""
        return any(rel == own or rel.startswith(own + b"/") for own in self._own)

    def close(self) -> None:
        """Watch no more."""
        self._inotify.close()

    def _take(self, event: RawEvent, heard: Heard) -> None:
        if event.mask & inotify.IN_Q_OVERFLOW:
            heard.overflow = True
            return
        spot = self._spots.get(event.watch)
        if spot is None:
            return
        if event.mask & inotify.IN_IGNORED:
            del self._spots[event.watch]
            if spot.depth == 0:
                self._missing[spot.rel] = spot.place
                self._starts.pop(spot.rel, None)
            return
        if event.mask & _LEFT:
            if spot.depth == 0:
                self._inotify.forget(event.watch)
            return
        rel = spot.rel + b"/" + event.name if spot.rel else event.name
        if not event.name or self.is_own(rel):
            return
        if event.mask & inotify.IN_ISDIR:
            self._take_folder(event.mask, rel, spot, heard)
        elif event.mask & _WRITTEN:
            heard.gone.pop(rel, None)
            heard.changed[rel] = spot.place
        elif event.mask & _GONE:
            heard.gone[rel] = spot.place

    def _take_folder(self, mask: int, rel: bytes, spot: _Spot, heard: Heard) -> None:
        if mask & _GONE:
            self._forget_below(rel)
            heard.gone[rel] = spot.place
        elif mask & (inotify.IN_CREATE | inotify.IN_MOVED_TO) and spot.place.deep:
            self._add_tree(rel, spot.place, spot.depth + 1)
            heard.folders[rel] = spot.place

    def _forget_below(self, rel: bytes) -> None:
        """What was moved away has another name now; where it went to it is watched anew."""
        for number, spot in list(self._spots.items()):
            if _is_within(spot.rel, rel):
                self._inotify.forget(number)
                del self._spots[number]

    def _renew(self, rel: bytes) -> bool:
        """Watch what stands there now and below it; whether anything does. What is still the same stays watched."""
        stale = [number for number, spot in self._spots.items() if _is_within(spot.rel, rel)]
        for number in stale:
            del self._spots[number]
        there = False
        for place in self._places.values():
            if _is_within(place.rel, rel):
                self._starts.pop(place.rel, None)
                if self._add_tree(place.rel, place, 0):
                    self._missing.pop(place.rel, None)
                    there = True
                else:
                    self._missing[place.rel] = place
            elif place.deep and _is_within(rel, place.rel):
                there = self._add_tree(rel, place, _count_steps(rel, place.rel)) or there
        for number in stale:
            if number not in self._spots:
                self._inotify.forget(number)
        return there

    def _find_place(self, rel: bytes) -> WatchedPlace | None:
        """A place to which this folder belongs."""
        own = self._places.get(rel)
        wide = (place for place in self._places.values() if place.deep and _is_within(rel, place.rel))
        return own or next(wide, None)

    def _identify(self, rel: bytes) -> tuple[int, int] | None:
        try:
            folder = self._target.open_dir(rel)
        except OSError:
            return None
        try:
            return _name_folder(folder)
        finally:
            os.close(folder)

    def _locate(self, path: bytes) -> bytes | None:
        """A path of this host below the root; None if it is elsewhere."""
        root = self._target.absolute(b"").rstrip(b"/")
        return path.removeprefix(root).strip(b"/") if _is_within(path, root) else None

    def _add_tree(self, rel: bytes, place: WatchedPlace, depth: int) -> bool:
        """Whether the folder itself is there."""
        pending = [(rel, depth)]
        there = True
        while pending:
            here, deep = pending.pop()
            if self.is_own(here) or self._is_elsewhere(here, is_start=here == place.rel):
                continue
            try:
                folder = self._target.open_dir(here)
            except OSError as error:
                there = there and (here != rel or error.errno not in _NOT_THERE)
                if error.errno not in _NOT_THERE:
                    self._leave_out(here, error.strerror or str(error))
                elif here in self._seen and error.errno != errno.ENOENT:
                    self._leave_out(here, NO_FOLDER)
                continue
            try:
                self._watch(folder, _Spot(here, place, deep))
                if place.deep:
                    pending += self._list_below(folder, here, deep)
            except OSError as error:
                self._leave_out(here, LIMIT if error.errno == errno.ENOSPC else error.strerror or str(error))
            finally:
                os.close(folder)
        return there

    def _list_below(self, folder: int, rel: bytes, depth: int) -> list[tuple[bytes, int]]:
        below = [(name, depth + 1) for name in _list_folders(folder, rel)]
        if depth < MOST_DEPTH:
            return below
        for name, _ in below:
            self._leave_out(name, TOO_DEEP)
        return []

    def _watch(self, folder: int, spot: _Spot) -> None:
        if len(self._spots) >= MOST_WATCHES:
            self._leave_out(spot.rel, f"more than {MOST_WATCHES} folders")
            return
        try:
            number = self._inotify.watch(folder)
        except OSError as error:
            self._leave_out(spot.rel, LIMIT if error.errno == errno.ENOSPC else error.strerror or str(error))
            return
        self._writers.watch(folder)
        self.unwatched.pop(spot.rel, None)
        if spot.depth == 0:
            self._starts[spot.rel] = _name_folder(folder)
            self._seen.add(spot.rel)
        known = self._spots.get(number)
        # The same folder may belong to two places: what asks for more wins.
        if known is None or (spot.place.deep, spot.place.asks) >= (known.place.deep, known.place.asks):
            self._spots[number] = spot

    def _leave_out(self, rel: bytes, why: str) -> None:
        if len(self.unwatched) < MOST_UNWATCHED:
            self.unwatched[rel] = why

    def _is_elsewhere(self, rel: bytes, *, is_start: bool) -> bool:
        """Whether it is a view of the kernel, or somebody else answers for it, who may never do."""
        path = self._target.absolute(rel)
        kind = self._mounts.get(find_mount(path, self._mounts), "")
        return kind in PSEUDO_FILE_SYSTEMS or (not is_start and kind.startswith(REMOTE_FILE_SYSTEMS))


def _list_folders(folder: int, rel: bytes) -> Iterator[bytes]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                name = os.fsencode(entry.name)
                yield rel + b"/" + name if rel else name


def _is_within(rel: bytes, above: bytes) -> bool:
    return not above or rel == above or rel.startswith(above + b"/")


def _count_steps(rel: bytes, above: bytes) -> int:
    return rel.count(b"/") - above.count(b"/") + (0 if above else 1)


def _name_folder(folder: int) -> tuple[int, int]:
    seen = os.fstat(folder)
    return seen.st_dev, seen.st_ino
