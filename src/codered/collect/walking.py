"""Walking a target: which files there are, and what was left out and why. Nothing is opened but directories."""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, Protocol

import msgspec

from codered.collect.links import INSIDE, Links
from codered.collect.mounted_streams import MountedStreams
from codered.collect.mounts import PSEUDO_FILE_SYSTEMS, REMOTE_FILE_SYSTEMS, find_mount, read_mounts
from codered.collect.vanished import CHANGED
from codered.model.target import ListingTarget, Target

REMOTE = "a network or user-space file system: name it to have it looked at"
MOST_DEPTH = 200
_NAMES = sys.getfilesystemencoding()  # os.fsencode asks for it at each of a million names
MOST_NAMES = 10_000  # in one Folder; a folder with more comes in parts, so that it can't fill the memory


Stamp = tuple[int, int, int, int]
"""What changes with a file: inode, size in bytes, times of the last write and of the last change (ns)."""
NOTHING: Mapping[bytes, Stamp] = {}


class Folder(msgspec.Struct, frozen=True):
    """One directory, or a part of a large one, with the names of its regular files and sub-directories; `rel` lies
    below the target's root. `unchanged` are those files that have the stamp which a `Memory` recalled.
    """

    rel: bytes
    files: list[bytes]
    folders: list[bytes]
    unchanged: list[bytes] = []


class Memory(Protocol):
    """What is remembered of an earlier walk."""

    def recall(self, rel: bytes, directory: int, device: int) -> Mapping[bytes, Stamp]:
        """The stamps of files of this open folder, by name; `device` is the folder's, and theirs."""
        ...


def stamp_of(status: os.stat_result) -> Stamp:
    """What is compared to tell whether a file was changed. ctime can't be set by whoever forges mtime."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Unwalked(msgspec.Struct, frozen=True):
    """A path that was not walked into or not taken as a file. `skipped`: by rule; `failed`: a gap."""

    rel: bytes
    state: Literal["skipped", "failed"]
    why: str


def walk(
    target: Target, starts: tuple[bytes, ...], looked_at: tuple[bytes, ...] = (), memory: Memory | None = None
) -> Iterator[Folder | Unwalked]:
    """Every folder below the starting points (a start may be a file), each once, links never followed. `looked_at` are
    the starting points of the whole scan, where these are only some of them. With a `memory` the files are compared
    with what it recalls.
    """
    mounts = read_mounts()
    inside = _find_inside(target, mounts)
    lister = _Lister(target, Links(target, looked_at or starts), memory)
    pending = [(start, 0, mounts.get(find_mount(target.absolute(start), mounts), "")) for start in reversed(starts)]
    while pending:
        rel, depth, kind = pending.pop()
        kind = inside.get(rel, kind)  # else that of the folder above it
        if kind in PSEUDO_FILE_SYSTEMS:
            yield Unwalked(rel, "skipped", "a view of the kernel, not storage")
            continue
        if depth and kind.startswith(REMOTE_FILE_SYSTEMS) and rel in inside:
            yield Unwalked(rel, "skipped", REMOTE)
            continue
        if depth > MOST_DEPTH:
            yield Unwalked(rel, "failed", f"more than {MOST_DEPTH} folders deep")
            continue
        inner: list[bytes] = []
        for item in lister.list_folder(rel, kind):
            if isinstance(item, Folder):
                inner += item.folders
            is_lost_start = not isinstance(item, Folder) and item.why == CHANGED and rel in starts
            yield Unwalked(rel, "failed", "is not there") if is_lost_start else item
        pending.extend((_join(rel, name), depth + 1, kind) for name in reversed(inner))


def _find_inside(target: Target, mounts: dict[bytes, str]) -> dict[bytes, str]:
    """What is mounted below the root, by its path there."""
    root = target.absolute(b"").rstrip(b"/") + b"/"
    return {path[len(root) :]: kind for path, kind in mounts.items() if path.startswith(root) or path + b"/" == root}


class _Lister:
    """Lists the folders of one walk."""

    def __init__(self, target: Target, links: Links, memory: Memory | None) -> None:
        self._target = target
        self._listing = target if isinstance(target, ListingTarget) else None  # asked once: it takes 0.1 ms
        self._links = links
        self._memory = memory
        self._seen: set[tuple[int, int]] = set()
        self._streams = MountedStreams() if target.info.volumes else None

    def list_folder(self, rel: bytes, kind: str) -> Iterator[Folder | Unwalked]:
        """What lies in it, in one part or several; `kind` is the type of its file system."""
        if self._listing is not None:
            yield from _list_entries(self._listing, rel, self._links)
            return
        try:
            directory = _open_listed(self._target, rel)
        except NotADirectoryError:
            yield from _list_start_file(self._target, rel)
            return
        except FileNotFoundError:  # renamed or removed: what lay in it may lie elsewhere now, and nobody looked at it
            yield Unwalked(rel, "failed", CHANGED)
            return
        except OSError as error:
            yield Unwalked(rel, "failed", error.strerror or str(error))
            return
        try:
            status = os.fstat(directory)
            if (status.st_dev, status.st_ino) in self._seen:
                yield Unwalked(rel, "skipped", "already looked at by another name")
                return
            self._seen.add((status.st_dev, status.st_ino))
            known = self._memory.recall(rel, directory, status.st_dev) if self._memory else NOTHING
            yield from self._split_entries(rel, directory, _Known(known, status.st_dev))
            yield from self._list_streams(rel, directory, kind)
        except OSError as error:
            yield Unwalked(rel, "failed", error.strerror or str(error))
        finally:
            os.close(directory)

    def _split_entries(self, rel: bytes, directory: int, known: "_Known") -> Iterator[Folder | Unwalked]:
        folder, room = Folder(rel, [], [], []), MOST_NAMES
        stamps, device = known
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    name = entry.name.encode(_NAMES, "surrogateescape")
                    if not room:
                        yield folder
                        folder, room = Folder(rel, [], [], []), MOST_NAMES
                    if name in stamps and _is_unchanged(entry, stamps[name], device):
                        folder.unchanged.append(name)
                    elif entry.is_symlink():
                        is_gap, why = self._links.judge(rel, name, directory)
                        yield Unwalked(_join(rel, name), "failed" if is_gap else "skipped", why)
                        continue
                    elif entry.is_dir(follow_symlinks=False):
                        folder.folders.append(name)
                    elif entry.is_file(follow_symlinks=False):
                        folder.files.append(name)
                    else:
                        yield Unwalked(_join(rel, name), "skipped", "not a regular file (device, socket or fifo)")
                        continue
                    room -= 1
        except OSError as error:  # what was listed before is looked at all the same
            yield Unwalked(rel, "failed", error.strerror or str(error))
        yield folder

    def _list_streams(self, rel: bytes, directory: int, kind: str) -> Iterator[Folder | Unwalked]:
        """The alternate streams of what lies in a folder, as files beside it."""
        folder = Folder(rel, [], [], [])
        for name, why in self._streams.list_folder(directory, kind) if self._streams else ():
            if why:
                yield Unwalked(_join(rel, name) if name else rel, "failed", why)
                continue
            folder.files.append(name)
            if len(folder.files) >= MOST_NAMES:
                yield folder
                folder = Folder(rel, [], [], [])
        if folder.files:
            yield folder


def _list_entries(target: ListingTarget, rel: bytes, links: Links) -> Iterator[Folder | Unwalked]:
    """What a target lists that has no directory descriptors."""
    folder, room = Folder(rel, [], [], []), MOST_NAMES
    try:
        for entry in target.list_folder(rel):
            if not room:
                yield folder
                folder, room = Folder(rel, [], [], []), MOST_NAMES
            if entry.kind == "folder":
                folder.folders.append(entry.name)
            elif entry.kind == "file":
                folder.files.append(entry.name)
            elif links.covers(entry.leads_to):
                yield Unwalked(_join(rel, entry.name), "skipped", INSIDE)
                continue
            else:
                yield Unwalked(_join(rel, entry.name), "failed" if entry.is_gap else "skipped", entry.why)
                continue
            room -= 1
    except NotADirectoryError:
        parent, _, name = rel.rpartition(b"/")
        folder = Folder(parent, [name], [], [])
    except FileNotFoundError:
        yield Unwalked(rel, "failed", CHANGED)
        return
    except OSError as error:  # what was listed before is looked at all the same
        yield Unwalked(rel, "failed", error.strerror or str(error))
    yield folder


class _Known(NamedTuple):
    stamps: Mapping[bytes, Stamp]
    device: int


def _is_unchanged(entry: "os.DirEntry[str]", stamp: Stamp, device: int) -> bool:
    """Whether it still is the regular file with that stamp: the kind of an inode does not change."""
    try:
        now = entry.stat(follow_symlinks=False)
    except OSError:  # a worker finds out what became of it
        return False
    # As `stamp_of`, written out: this is asked for every file of a system.
    return (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns) == stamp and now.st_dev == device


def _open_listed(target: Target, rel: bytes) -> int:
    """The folder, at the second try when the first finds none: it may be renamed to and fro. Raises OSError."""
    try:
        return target.open_dir(rel)
    except FileNotFoundError:
        return target.open_dir(rel)


def _list_start_file(target: Target, rel: bytes) -> Iterator[Folder | Unwalked]:
    parent, _, name = rel.rpartition(b"/")
    try:
        directory = target.open_dir(parent)
        try:
            mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
        finally:
            os.close(directory)
    except OSError as error:
        yield Unwalked(rel, "failed", error.strerror or str(error))
        return
    if stat.S_ISREG(mode):
        yield Folder(parent, [name], [])
    else:
        yield Unwalked(rel, "failed", "not a folder or regular file (device, socket, fifo or link)")


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name
