"""What `stat` says of every entry of a folder, as fast as one listing can be; and the walk that goes with it."""

import os
import stat
from array import array
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from codered.collect.mounts import PSEUDO_FILE_SYSTEMS, REMOTE_FILE_SYSTEMS, read_mounts
from codered.collect.walking import MOST_DEPTH, REMOTE, Unwalked
from codered.model.known_good import FolderRecord
from codered.model.target import Target
from codered.system.descriptors import DIRECTORY, NO_FOLLOW, NOT_INHERITED

Only = Literal["", "dots"]
MOST_ENTRIES = 5_000_000  # of one folder
_DIRECTORY = os.O_RDONLY | DIRECTORY | NO_FOLLOW | NOT_INHERITED
_WRAP = 1 << 64


class FolderSeen(NamedTuple):
    """A folder's entries as a `FolderRecord` without the records of its files, and its sub-folders."""

    record: FolderRecord
    folders: list[bytes]


class Start(NamedTuple):
    """Where a walk begins: a folder below the root, and which of its entries count ("dots": its files whose names begin
    with a dot, and no folder).
    """

    rel: bytes
    only: Only = ""


def list_states(directory: int, rel: bytes, only: Only = "") -> FolderSeen:
    """The entries of an open folder. Raises OSError."""
    names: list[str] = []
    numbers: list[int] = []
    folders: list[str] = []
    own = os.fstat(directory).st_dev
    with os.scandir(directory) as entries:
        for entry in entries:
            name = entry.name
            try:
                seen = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # gone since it was listed
                continue
            if only and (name[0] != "." or not stat.S_ISREG(seen.st_mode)):
                continue
            names.append(name)
            device = 0 if seen.st_dev == own else seen.st_dev
            numbers += (device, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
            if seen.st_mode & 0o170000 == stat.S_IFDIR:
                folders.append(name)
            if len(names) > MOST_ENTRIES:
                raise OSError(f"more than {MOST_ENTRIES:,} entries")
    record = FolderRecord(rel, os.fsencode("/".join(names)), pack_numbers(numbers), only=only)
    return FolderSeen(record, [os.fsencode(name) for name in folders])


def pack_numbers(numbers: list[int]) -> bytes:
    """Numbers as 64-bit integers; larger ones (an inode may use the highest bit) wrap around."""
    try:
        return array("q", numbers).tobytes()
    except OverflowError:
        return array("q", [(number + _WRAP // 2) % _WRAP - _WRAP // 2 for number in numbers]).tobytes()


class FolderChain:
    """Opens folders of a target one after the other. It keeps those above open, so that the next one in the order of a
    walk costs one call; nothing is reached through a link.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._open: list[tuple[bytes, int]] = []

    def open(self, rel: bytes) -> int:
        """A descriptor of the folder, which stays ours. Raises OSError."""
        while self._open and not _lies_in(rel, self._open[-1][0]):
            os.close(self._open.pop()[1])
        if self._open and self._open[-1][0] == rel:
            return self._open[-1][1]
        parent, _, name = rel.rpartition(b"/")
        if self._open and self._open[-1][0] == parent and name not in (b"", b".", b".."):
            descriptor = os.open(name, _DIRECTORY, dir_fd=self._open[-1][1])
        else:
            descriptor = self._target.open_dir(rel)
        self._open.append((rel, descriptor))
        return descriptor

    def close(self) -> None:
        """Let go of all of them."""
        while self._open:
            os.close(self._open.pop()[1])


def walk_states(
    target: Target, starts: tuple[Start, ...], is_left_out: Callable[[bytes], str], chain: FolderChain | None = None
) -> Iterator[FolderRecord | Unwalked]:
    """Every folder below the starts, each after the one that holds it, links never followed. `is_left_out` says why a
    folder (below the root) is not looked into, "" if it is.
    """
    mine = chain or FolderChain(target)
    mounts = read_mounts()
    done: set[bytes] = set()
    pending = [(start, 0) for start in reversed(starts)]
    try:
        while pending:
            (rel, only), depth = pending.pop()
            if rel in done:
                continue
            done.add(rel)
            why = _judge_place(target.absolute(rel), mounts, depth) or (Unwalked(rel, "skipped", is_left_out(rel)))
            if why.why:
                yield Unwalked(rel, why.state, why.why)
                continue
            try:
                seen = list_states(mine.open(rel), rel, only)
            except OSError as error:
                yield Unwalked(rel, "failed", error.strerror or str(error))
                continue
            yield seen.record
            if not only:
                pending += [(Start(join(rel, name)), depth + 1) for name in reversed(seen.folders)]
    finally:
        if chain is None:
            mine.close()


def join(folder: bytes, name: bytes) -> bytes:
    """The path of an entry below the root."""
    return folder + b"/" + name if folder else name


def _judge_place(path: bytes, mounts: dict[bytes, str], depth: int) -> Unwalked | None:
    """Why a folder is not looked into, whatever it holds; None if nothing speaks against it."""
    if depth > MOST_DEPTH:
        return Unwalked(b"", "failed", f"more than {MOST_DEPTH} folders deep")
    kind = mounts.get(path, "")
    if kind in PSEUDO_FILE_SYSTEMS:
        return Unwalked(b"", "skipped", "a view of the kernel, not storage")
    if depth and kind.startswith(REMOTE_FILE_SYSTEMS):
        return Unwalked(b"", "skipped", REMOTE)
    return None


def _lies_in(rel: bytes, folder: bytes) -> bool:
    return not folder or rel == folder or rel.startswith(folder + b"/")
