"""Walking a target: which files there are, and what was left out and why. Nothing is opened but directories."""

import os
import stat
from collections.abc import Iterator
from typing import Literal

import msgspec

from codered.collect.links import Links
from codered.collect.vanished import CHANGED
from codered.model.target import Target

# Kernel views, not storage: nothing a worm leaves there survives as a file, and reading some of them has effects.
PSEUDO_FILE_SYSTEMS = frozenset(
    ["proc", "sysfs", "cgroup", "cgroup2", "devpts", "securityfs", "debugfs", "tracefs", "bpf", "pstore", "mqueue",
     "configfs", "efivarfs", "fusectl", "binfmt_misc", "hugetlbfs", "autofs", "rpc_pipefs", "nsfs"]
)  # fmt: skip
# Somebody else answers for these, and may never answer: one is looked into where it is asked for, not on the way.
REMOTE_FILE_SYSTEMS = ("fuse", "nfs", "cifs", "smb", "9p", "ceph", "afs", "ncpfs", "glusterfs", "lustre", "virtiofs")
REMOTE = "a network or user-space file system: name it to have it looked at"
MOST_DEPTH = 200
MOST_NAMES = 10_000  # in one Folder; a folder with more comes in parts, so that it can't fill the memory


class Folder(msgspec.Struct, frozen=True):
    """One directory, or a part of a large one, with the names of its regular files and sub-directories; `rel` lies
    below the target's root.
    """

    rel: bytes
    files: list[bytes]
    folders: list[bytes]


class Unwalked(msgspec.Struct, frozen=True):
    """A path that was not walked into or not taken as a file. `skipped`: by rule; `failed`: a gap."""

    rel: bytes
    state: Literal["skipped", "failed"]
    why: str


def walk(target: Target, starts: tuple[bytes, ...], looked_at: tuple[bytes, ...] = ()) -> Iterator[Folder | Unwalked]:
    """Every folder below the starting points (a start may be a file), each once, links never followed. `looked_at` are
    the starting points of the whole scan, where these are only some of them.
    """
    mounts = read_mounts()
    links = Links(target, looked_at or starts)
    seen: set[tuple[int, int]] = set()
    pending = [(start, 0) for start in reversed(starts)]
    while pending:
        rel, depth = pending.pop()
        kind = mounts.get(find_mount(target.absolute(rel), mounts), "")
        if kind in PSEUDO_FILE_SYSTEMS:
            yield Unwalked(rel, "skipped", "a view of the kernel, not storage")
            continue
        if depth and kind.startswith(REMOTE_FILE_SYSTEMS) and target.absolute(rel) in mounts:
            yield Unwalked(rel, "skipped", REMOTE)
            continue
        if depth > MOST_DEPTH:
            yield Unwalked(rel, "failed", f"more than {MOST_DEPTH} folders deep")
            continue
        inner: list[bytes] = []
        for item in _list_folder(target, rel, seen, links):
            if isinstance(item, Folder):
                inner += item.folders
            is_lost_start = isinstance(item, Unwalked) and item.why == CHANGED and rel in starts
            yield Unwalked(rel, "failed", "is not there") if is_lost_start else item
        pending.extend((_join(rel, name), depth + 1) for name in reversed(inner))


def _list_folder(target: Target, rel: bytes, seen: set[tuple[int, int]], links: Links) -> Iterator[Folder | Unwalked]:
    try:
        directory = _open_listed(target, rel)
    except NotADirectoryError:
        yield from _list_start_file(target, rel)
        return
    except FileNotFoundError:  # renamed or removed: what lay in it may lie elsewhere now, and nobody looked at it
        yield Unwalked(rel, "failed", CHANGED)
        return
    except OSError as error:
        yield Unwalked(rel, "failed", error.strerror or str(error))
        return
    try:
        status = os.fstat(directory)
        if (status.st_dev, status.st_ino) in seen:
            yield Unwalked(rel, "skipped", "already looked at by another name")
            return
        seen.add((status.st_dev, status.st_ino))
        yield from _split_entries(rel, directory, links)
    except OSError as error:
        yield Unwalked(rel, "failed", error.strerror or str(error))
    finally:
        os.close(directory)


def _open_listed(target: Target, rel: bytes) -> int:
    """The folder, at the second try when the first finds none: it may be renamed to and fro. Raises OSError."""
    try:
        return target.open_dir(rel)
    except FileNotFoundError:
        return target.open_dir(rel)


def _split_entries(rel: bytes, directory: int, links: Links) -> Iterator[Folder | Unwalked]:
    folder = Folder(rel, [], [])
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                name = os.fsencode(entry.name)
                if len(folder.files) + len(folder.folders) == MOST_NAMES:
                    yield folder
                    folder = Folder(rel, [], [])
                if entry.is_symlink():
                    is_gap, why = links.judge(rel, name, directory)
                    yield Unwalked(_join(rel, name), "failed" if is_gap else "skipped", why)
                elif entry.is_dir(follow_symlinks=False):
                    folder.folders.append(name)
                elif entry.is_file(follow_symlinks=False):
                    folder.files.append(name)
                else:
                    yield Unwalked(_join(rel, name), "skipped", "not a regular file (device, socket or fifo)")
    except OSError as error:  # what was listed before is looked at all the same
        yield Unwalked(rel, "failed", error.strerror or str(error))
    yield folder


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


def read_mounts(table: str = "/proc/self/mountinfo") -> dict[bytes, str]:
    """The mount points of this host and the type of what is mounted there; empty where there is no mount table."""
    try:
        with open(table, "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        return {}
    found = {}
    for line in lines:
        left, _, right = line.partition(b" - ")
        words = left.split(b" ")
        if right and len(words) > 4:  # of several mounts on one point the last is seen: an autofs below the real one
            found[_unescape(words[4])] = right.split(b" ", 1)[0].decode("latin-1")
    return found


def find_mount(path: bytes, mounts: dict[bytes, str]) -> bytes:
    """The mount point that holds `path`, by its name alone; b"" if none does."""
    while path not in mounts:
        if path in (b"", b"/"):
            return b""
        path = path.rpartition(b"/")[0] or b"/"
    return path


def _unescape(path: bytes) -> bytes:
    for code, char in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        path = path.replace(code, char)
    return path


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name
