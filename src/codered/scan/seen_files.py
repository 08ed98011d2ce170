"""What earlier scans found clean, so that an unchanged file need not be read again; and what this scan adds to it.

A file counts as unchanged only by the same path, with the same inode, size, mtime and ctime on the same file system,
under the same rules. The walk compares; what it finds unchanged never reaches a worker.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from codered import __version__
from codered.collect.walking import Folder, Stamp
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.scan.request import ScanRequest
from codered.scan.seen_store import Doubt, SeenStore
from codered.scan.tasks import CleanFolder, CleanRecord, Counted
from codered.scan.trusted_times import Clock, distrust_clock, distrust_open, read_clock

FORMAT = "codered/seen/2"
EARLIER = "what earlier scans found clean"
UNCHANGED = "unchanged since they were found clean"
ALL_ANEW = "everything was looked at"

_encode = msgspec.msgpack.Encoder().encode
_decode_record = msgspec.msgpack.Decoder(CleanRecord).decode
_NONE = CleanRecord()


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """A cache: for what (`judged_by`), when, on which file systems (id by device), packed CleanRecords by path."""

    format: str
    judged_by: str
    clock: Clock
    devices: dict[int, int]
    folders: dict[bytes, bytes]


class SeenFiles:
    """The memory of one scan; the walk asks it as its `Memory`. Without a store it remembers nothing."""

    def __init__(self, judged_by: str, store: SeenStore | None, clock: Clock) -> None:
        self._judged_by = judged_by
        self._store = store
        self._clock = clock
        self._old: dict[bytes, bytes] = {}
        self._old_devices: dict[int, int] = {}
        self._new: dict[bytes, list[bytes]] = {}
        self._devices: dict[int, int] = {}
        self._distrusted: set[int] = set()
        self._visited: set[bytes] = set()
        self._walked: list[bytes] = []
        self._last: tuple[bytes, CleanRecord] = (b"", _NONE)
        self._said: list[Counted] = []

    @property
    def is_on(self) -> bool:
        """Whether anything is remembered."""
        return self._store is not None

    def load(self) -> None:
        """Read the cache. One that is damaged or was kept by a clock that ran ahead counts as none, which is said."""
        try:
            packed = self._store.read(self._name()) if self._store else None
            kept = None if packed is None else msgspec.msgpack.decode(packed, type=Kept)
        except (Doubt, msgspec.MsgspecError) as doubt:
            why = str(doubt) if isinstance(doubt, Doubt) else "the cache was damaged"
            self.say(f"{why}: {ALL_ANEW}")
            return
        if kept is None or (kept.format, kept.judged_by) != (FORMAT, self._judged_by):
            return
        if why := distrust_clock(kept.clock, self._clock):
            self.say(f"{why} since they were kept: {ALL_ANEW}")
            return
        self._old, self._old_devices = kept.folders, kept.devices

    def recall(self, rel: bytes, directory: int, device: int) -> Mapping[bytes, Stamp]:
        """See `collect.walking.Memory`."""
        self._visited.add(rel)
        if device not in self._devices and device not in self._distrusted:
            self._meet(directory, device)
        packed = self._old.get(rel)
        record = _decode_record(packed) if packed else _NONE
        if record.device and (record.device != device or device not in self._devices):
            record = _NONE
        self._last = (rel, record)
        return record.files

    def keep(self, folder: Folder) -> Folder:
        """Keep what did not change of a folder that was just listed; gives what is to be looked at."""
        rel, record = self._last
        if not self.is_on or rel != folder.rel or not (record.files or record.folders):
            return folder
        files = folder.unchanged
        known = record.folders.intersection(folder.folders)
        if len(files) == len(record.files) and len(known) == len(record.folders):
            self._new.setdefault(rel, []).append(self._old[rel])
        elif files or known:
            part = CleanRecord(record.device if files else 0, {name: record.files[name] for name in files}, known)
            self._new.setdefault(rel, []).append(_encode(part))
        folders = folder.folders if not known else [name for name in folder.folders if name not in known]
        return Folder(rel, folder.files, folders, files)

    def take(self, clean: Iterable[CleanFolder]) -> None:
        """Add what a worker found clean, where times can be believed."""
        for item in clean:
            if self.is_on and (not item.device or item.device in self._devices):
                self._new.setdefault(item.rel, []).append(item.record)

    def end_walk(self, starts: Iterable[bytes]) -> None:
        """All below these starting points was walked: what was not met there is there no more."""
        self._walked += starts

    def write(self) -> None:
        """Keep it for the next scan, if there is anything new. That it can't be is said."""
        if self._store is None:
            return
        folders = {rel: packed for rel, packed in self._old.items() if self._is_elsewhere(rel)}
        for rel, parts in self._new.items():
            before = self._old.get(rel, b"")
            packed = _merge(before, parts if rel in self._visited else [before, *parts])
            if packed:
                folders[rel] = packed
        devices = {**self._old_devices, **self._devices}
        if folders == self._old and devices == self._old_devices:
            return
        kept = Kept(FORMAT, self._judged_by, self._clock, devices, folders)
        try:
            self._store.write(self._name(), _encode(kept))
        except Doubt as doubt:
            self.say(str(doubt))

    def say(self, why: str, example: str = "") -> None:
        """Note why files are read that may not have changed."""
        self._said.append(Counted("files", EARLIER, "skipped", why, example=example))

    def looks(self) -> list[Counted]:
        """What the report is to say about it."""
        return self._said

    def _meet(self, directory: int, device: int) -> None:
        """The first folder on a file system decides on all of it."""
        if why := distrust_open(directory):
            self._distrusted.add(device)
            self.say(f"not used here: {why}", os.readlink(f"/proc/self/fd/{directory}"))
            return
        identity = self._devices[device] = os.fstatvfs(directory).f_fsid
        if self._old_devices.get(device, identity) != identity:
            self._old, self._old_devices = {}, {}
            self.say(f"another disk has the number of the old one: {ALL_ANEW}")

    def _is_elsewhere(self, rel: bytes) -> bool:
        if rel in self._visited:
            return False
        return not any(rel == start or not start or rel.startswith(start + b"/") for start in self._walked)

    def _name(self) -> str:
        return self._judged_by[:32]


def open_seen(target: Target, request: ScanRequest, rules: RuleSet) -> SeenFiles:
    """The memory for this scan. It is off where nobody asked for it, and where it can't be used, which is said."""
    earlier = request.earlier
    is_windows = target.info.kind == "live_windows"
    clock = Clock(0, 0, "") if is_windows else read_clock()
    judged_by = _digest(target, request, rules)
    off = SeenFiles(judged_by, None, clock)
    if request.logs_only or not (earlier.kept_in or earlier.refused):
        return off
    refused = earlier.refused
    if is_windows:
        refused = "on Windows whoever changes a file can set all its times back"
    elif target.info.kind != "live_linux":
        refused = "another system wrote the times of these files"
    if refused:
        off.say(f"not used ({refused}): {ALL_ANEW}")
        return off
    try:
        seen = SeenFiles(judged_by, SeenStore(Path(earlier.kept_in), Path(earlier.key)), clock)
    except Doubt as doubt:
        off.say(f"{doubt}: {ALL_ANEW}")
        return off
    seen.load()
    return seen


def _digest(target: Target, request: ScanRequest, rules: RuleSet) -> str:
    """Over everything that decides how a path and a content are judged. A path is judged by the volume it lies on."""
    parts = [FORMAT, __version__, rules.digest, request.read_logs, target.info.kind, target.info.root]
    return hashlib.sha256(repr((parts, target.info.volumes)).encode("utf-8", "surrogateescape")).hexdigest()


def _merge(before: bytes, parts: list[bytes]) -> bytes:
    """One record of several parts; the very one from before if nothing differs."""
    parts = [part for part in parts if part]
    if len(parts) < 2:
        return parts[0] if parts else b""
    device = 0
    files: dict[bytes, Stamp] = {}
    folders: frozenset[bytes] = frozenset()
    for record in map(_decode_record, parts):
        if record.device and record.device != device:
            device, files = record.device, {}
        files |= record.files
        folders |= record.folders
    merged = CleanRecord(device, files, folders)
    return before if before and _decode_record(before) == merged else _encode(merged)
