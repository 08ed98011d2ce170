"""Comparing folders with a baseline: only what has changed by its `stat` is read again."""

import errno
import hashlib
import os
import stat
from array import array
from datetime import UTC, datetime

import msgspec

from codered.collect.file_hashing import MOST_KEPT, FileRead, hash_of, read_file
from codered.collect.file_states import FolderChain, Start, join, list_states, walk_states
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.known_good.comparing import Difference, compare_files, describe_file
from codered.known_good.compiled_python import is_compiled
from codered.known_good.mattering import Surroundings, judge_new, why_generated
from codered.model.known_good import NUMBERS, Deviation, FileRecord, FolderRecord, Truth
from codered.model.paths import path_from_bytes
from codered.model.target import Target
from codered.scan.baseline_places import why_left_out
from codered.scan.compiled_sources import AS_SOURCE, COMPILED, CompiledSources
from codered.scan.trusted_times import distrust_open

_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_NOTHING_RUNS = "new data, which nothing runs or serves"
_AS_PACKAGED = "told with its package, which was changed since: as its own records have it, which nobody signed"
_RIGHTS = stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH
_CAPABILITY = "security.capability"
_LATEST = 253_402_300_799  # seconds: the last moment a date can name


class Rechecked(msgspec.Struct):
    """What deviates, what could not be read, how many entries were looked at, and how many changes do not matter, by
    the reason; `told_with` counts by package what is told only with it; `doubted` says why times were not believed, and
    in which folder first.
    """

    deviations: list[Deviation] = []
    unread: list[Unwalked] = []
    entries: int = 0
    read: int = 0
    passed: dict[str, int] = {}
    told_with: dict[str, int] = {}
    doubted: dict[str, bytes] = {}

    def pass_over(self, why: str) -> None:
        """Count a change that is not told."""
        self.passed[why] = self.passed.get(why, 0) + 1

    def tell_with(self, package: str) -> None:
        """Count a file that agrees only with what its changed package has on record."""
        self.pass_over(_AS_PACKAGED)
        self.told_with[package] = self.told_with.get(package, 0) + 1


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How to compare: `full` reads every file, whatever its times; `renewed` are the packages that changed since;
    `own` the tool's own folders, which are passed over; `owners`: whose a file is matters.
    """

    around: Surroundings = Surroundings()
    truth: Truth = "baseline"
    full: bool = False
    renewed: frozenset[str] = frozenset()
    own: tuple[bytes, ...] = ()
    owners: bool = True


class Rechecker:
    """Compares folders of one target with their records."""

    def __init__(
        self, target: Target, manner: Manner, packages: PackageDatabase, recorded: tuple[FolderRecord, ...] = ()
    ) -> None:
        """`recorded` are all folders of the baseline, for what is judged by its source in another one."""
        self._target = target
        self._sources = CompiledSources(target, recorded)
        self._manner = manner
        self._packages = packages
        self._doubts: dict[int, str] = {}  # by device
        self._done = Rechecked()

    def check(self, folders: tuple[FolderRecord, ...]) -> Rechecked:
        """What of these folders is not as it was."""
        self._done = Rechecked()
        chain = FolderChain(self._target)
        try:
            for folder in folders:
                self._check_folder(folder, chain)
        finally:
            chain.close()
        return self._done

    def _check_folder(self, folder: FolderRecord, chain: FolderChain) -> None:
        try:
            directory = chain.open(folder.rel)
            seen = list_states(directory, folder.rel, folder.only)
        except OSError as error:
            if error.errno in _GONE:
                self._tell_all_missing(folder)
            else:
                self._miss(folder.rel, error.strerror or str(error))
            return
        self._done.entries += len(seen.record.numbers) // 40
        full = self._manner.full or self._is_doubted(folder.rel, directory)
        is_same = (seen.record.names, seen.record.numbers) == (folder.names, folder.numbers)
        if not full and is_same and not any(array("q", folder.numbers)[::NUMBERS]):
            return
        before, now, records = folder.states(), seen.record.states(), folder.records()
        for name, state in now.items():
            if name not in before:
                self._meet(folder.rel, directory, name)
            elif full or state != before[name] or state.device:  # what is mounted over a single file is read
                self._check_entry(folder.rel, directory, name, records[name])
        for name in before.keys() - now.keys():
            self._tell_missing(join(folder.rel, name), records[name])

    def _is_doubted(self, rel: bytes, directory: int) -> bool:
        """Whether times say nothing on this file system, which may be another than that of the folder above."""
        device = os.fstat(directory).st_dev
        if device not in self._doubts:
            self._doubts[device] = distrust_open(directory)
        if why := self._doubts[device]:
            self._done.doubted.setdefault(why, rel)
        return bool(why)

    def _check_entry(self, folder: bytes, directory: int, name: bytes, before: FileRecord) -> None:
        rel = join(folder, name)
        read = self._read(rel, directory, name)
        if read is None:
            return
        found = compare_files(before, read.record)
        if not self._manner.owners:
            found = [item for item in found if item.kind in ("content", "type", "link", "mode")]
        if not found:
            return
        if why := self._why_generated(rel, read):
            self._done.pass_over(why)
            return
        told = [item for item in found if item.kind != "content"]
        if len(told) < len(found) and self._is_explained(rel, directory, read, before):
            found = told
        for item in found:
            self._tell(rel, item, read, before.package, directory)

    def _meet(self, folder: bytes, directory: int, name: bytes) -> None:
        """An entry that was not there."""
        rel = join(folder, name)
        if why := why_left_out(rel, self._manner.own):
            self._done.pass_over(why)
            return
        read = self._read(rel, directory, name)
        if read is None:
            return
        if stat.S_ISDIR(read.record.mode):
            self._walk_new(rel)
        else:
            self._judge_new(rel, directory, read)

    def _walk_new(self, rel: bytes) -> None:
        chain = FolderChain(self._target)
        try:
            for item in walk_states(self._target, (Start(rel),), self._why_left_out, chain):
                if isinstance(item, Unwalked):
                    self._done.unread.append(item)
                    continue
                directory = chain.open(item.rel)
                for name in item.names.split(b"/") if item.names else ():
                    self._done.entries += 1
                    read = self._read(join(item.rel, name), directory, name)
                    if read is not None and not stat.S_ISDIR(read.record.mode):
                        self._judge_new(join(item.rel, name), directory, read)
        finally:
            chain.close()

    def _why_left_out(self, rel: bytes) -> str:
        return why_left_out(rel, self._manner.own)

    def _judge_new(self, rel: bytes, directory: int, read: FileRead) -> None:
        why = self._why_generated(rel, read)
        kind = judge_new(rel, read.record, read.data, self._manner.around)
        if why or kind is None:
            self._done.pass_over(why or _NOTHING_RUNS)
            return
        if kind == "new-web-file" or _has_rights(read.record) or not self._is_explained(rel, directory, read):
            item = Difference(kind, "not there", describe_file(read.record))
            self._tell(rel, item, read, self._packages.owner(rel), directory)

    def _why_generated(self, rel: bytes, read: FileRead) -> str:
        return why_generated(rel, read.record, read.data, bool(self._manner.renewed))

    def _is_explained(self, rel: bytes, directory: int, read: FileRead, before: FileRecord | None = None) -> bool:
        """Whether its content needs no telling by itself; then it is counted."""
        if self._sources.explains(rel, read, before):
            self._done.pass_over(AS_SOURCE)
        elif self._is_as_packaged(rel, directory, read, before.package if before else None):
            self._done.tell_with(self._packages.owner(rel))
        else:
            return False
        return True

    def _read(self, rel: bytes, directory: int, name: bytes) -> FileRead | None:
        read = read_file(self._target, directory, name)
        self._done.read += 1
        if isinstance(read, Unwalked):
            self._done.unread.append(Unwalked(rel, read.state, read.why))
            return None
        return read

    def _miss(self, rel: bytes, why: str) -> None:
        self._done.unread.append(Unwalked(rel, "failed", why))

    def _tell_all_missing(self, folder: FolderRecord) -> None:
        for name, record in folder.records().items():
            self._tell_missing(join(folder.rel, name), record)

    def _tell_missing(self, rel: bytes, before: FileRecord) -> None:
        """A folder is not told: what lay in it is."""
        if stat.S_ISDIR(before.mode):
            return
        if why := COMPILED if is_compiled(rel) else why_generated(rel, None):
            self._done.pass_over(why)
            return
        if before.package in self._manner.renewed and self._packages.owner(rel) != before.package:
            self._done.tell_with(before.package)
            return
        self._done.deviations.append(
            Deviation(
                kind="missing",
                truth=self._manner.truth,
                path=path_from_bytes(self._target.absolute(rel)),
                shown=self._target.shown(rel),
                expected=describe_file(before),
                actual="missing",
                package=before.package,
            )
        )

    def _is_as_packaged(self, rel: bytes, directory: int, read: FileRead, was_of: str | None = None) -> bool:
        """Whether its content is what a package that was changed since has on record. Whoever is root can write such a
        record: so this speaks for no right, link or place, nor for a file that `was_of` another package ("" = none).
        """
        if not self._manner.renewed or not stat.S_ISREG(read.record.mode):
            return False
        package = self._packages.owner(rel)
        if package not in self._manner.renewed or was_of not in (None, package):
            return False
        wanted = self._packages.recorded_sum(rel)
        if read.record.size <= MOST_KEPT:
            return wanted == hashlib.md5(read.data, usedforsecurity=False).hexdigest()
        return bool(wanted) and wanted == hash_of(self._target, directory, os.path.basename(rel), "md5")

    def _tell(self, rel: bytes, item: Difference, read: FileRead, package: str, directory: int) -> None:
        record, sha256 = read.record, ""
        if stat.S_ISREG(record.mode):
            is_whole = record.size <= MOST_KEPT
            name = os.path.basename(rel)
            sha256 = hashlib.sha256(read.data).hexdigest() if is_whole else hash_of(self._target, directory, name)
        self._done.deviations.append(
            Deviation(
                kind=item.kind,
                truth=self._manner.truth,
                path=path_from_bytes(self._target.absolute(rel)),
                shown=self._target.shown(rel),
                expected=item.expected,
                actual=item.actual,
                sha256=sha256,
                size=record.size if sha256 else 0,
                package=package,
                changed=datetime.fromtimestamp(min(max(read.state.ctime_ns, 0) / 1e9, _LATEST), UTC),
            )
        )


def _has_rights(record: FileRecord) -> bool:
    """Whether a new file gives more than one of root's that only root may change."""
    return bool(record.mode & _RIGHTS or record.uid or any(name == _CAPABILITY for name, _ in record.xattrs))
