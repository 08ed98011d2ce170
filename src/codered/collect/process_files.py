"""What a process runs and holds: its executable, open and mapped files. Read through a descriptor of its folder in
/proc, which goes dead with the process: another one that gets its pid is never read in its place.
"""

import contextlib
import hashlib
import os
import stat
from datetime import UTC, datetime
from typing import NamedTuple

from codered.model.paths import path_from_bytes
from codered.model.process import Executable

DELETED = b" (deleted)"
MEMFD = b"/memfd:"
MOST_DESCRIPTORS = 4_096  # looked at in one process
MOST_DELETED = 32  # files without a name told of one process
MOST_MAP_BYTES = 16 << 20
MOST_MAP_LINES = 100_000
MOST_HASHED = 1 << 30  # bytes of an executable
_NOT_CODE = (MEMFD, b"/dev/zero", b"/SYSV", b"/anon_hugepage", b"/i915")  # just-in-time compilers use these


class View(NamedTuple):
    """How a process sees files. `foreign`: another root (a container). `apart`: mounts of its own, as services with a
    private /tmp have: a path is looked up through its folder in /proc then. `inner`: process ids of its own too.
    """

    foreign: bool = False
    apart: bool = False
    inner: bool = False


class OwnView(NamedTuple):
    """Our own mounts and process ids, as the kernel names them; b"" = not known."""

    mounts: bytes = b""
    pids: bytes = b""


class OpenFiles(NamedTuple):
    """The descriptors of a process: where 0, 1 and 2 lead, names of deleted files, sockets by inode."""

    standard: tuple[bytes, ...]
    deleted: tuple[bytes, ...]
    sockets: frozenset[bytes]
    more: bool


def read_at(folder: int, name: str, most: int) -> bytes:
    """At most `most` bytes of a file in a process's folder. Raises OSError."""
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW, dir_fd=folder)
    try:
        data = b""
        while len(data) < most and (piece := os.read(descriptor, min(most - len(data), 1 << 20))):
            data += piece
        return data
    finally:
        os.close(descriptor)


def read_link(folder: int, name: str) -> bytes:
    """Where a link of a process leads, as the kernel tells it. Raises OSError."""
    return os.readlink(name.encode(), dir_fd=folder)


def read_executable(folder: int, view: View) -> Executable | None:
    """What the process runs; None if it runs no file (a kernel thread, a zombie). Raises OSError."""
    try:
        link = read_link(folder, "exe")
        status = os.stat("exe", dir_fd=folder)
    except FileNotFoundError:
        return None
    strange = view.foreign or not link.startswith(b"/")
    within = folder if view.apart else None
    deleted = link.endswith(DELETED) and (strange or not _is_same(link, within, status))
    path = link.removesuffix(DELETED) if deleted else link
    memfd = deleted and link.startswith(MEMFD) and status.st_nlink == 0
    known = not strange and not memfd
    same = known and _is_same(path, within, status) is True
    return Executable(
        path=path_from_bytes(path),
        deleted=deleted and not memfd and not same,
        replaced=known and deleted and not same and _stat(path, within) is not None,
        memfd=memfd,
        foreign=strange,
        elsewhere=known and _is_same(path, None, status) is False,
        nowhere=known and not deleted and _is_same(path, within, status) is False,
        device=status.st_dev,
        inode=status.st_ino,
        changed=datetime.fromtimestamp(status.st_ctime, UTC),
    )


def read_open_files(folder: int) -> OpenFiles:
    """What the process's descriptors lead to, MOST_DESCRIPTORS at most. Raises OSError."""
    standard = {b"0": b"", b"1": b"", b"2": b""}
    deleted: list[bytes] = []
    sockets: set[bytes] = set()
    more = False
    listing = os.open("fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=folder)
    try:
        for number, name in enumerate(map(os.fsencode, os.listdir(listing))):
            if number == MOST_DESCRIPTORS:
                more = True
                break
            with contextlib.suppress(FileNotFoundError):
                link = os.readlink(name, dir_fd=listing)
                if name in standard:
                    standard[name] = link
                if link.startswith(b"socket:["):
                    sockets.add(link[8:-1])
                elif link.startswith(b"/") and link.endswith(DELETED) and len(deleted) < MOST_DELETED:
                    deleted.append(link.removesuffix(DELETED))
    finally:
        os.close(listing)
    return OpenFiles(tuple(standard.values()), tuple(deleted), frozenset(sockets), more)


def find_deleted_code(maps: bytes) -> list[bytes]:
    """The files mapped as code that have no name any more, from /proc/PID/maps, without anonymous memory."""
    if DELETED not in maps:
        return []
    found: dict[bytes, None] = {}
    for line in maps.split(b"\n", MOST_MAP_LINES)[:MOST_MAP_LINES]:
        if not line.endswith(DELETED):
            continue
        fields = line.split(None, 5)
        if len(fields) == 6 and b"x" in fields[1] and fields[4] != b"0" and not fields[5].startswith(_NOT_CODE):
            found[fields[5].removesuffix(DELETED).replace(rb"\012", b"\n")] = None
        if len(found) == MOST_DELETED:
            break
    return list(found)


def is_there(path: bytes, folder: int, view: View) -> bool:
    """Whether something lies at this path as the process with this folder sees it; False in a container."""
    return not view.foreign and _stat(path, folder if view.apart else None) is not None


def find_own_view(proc: str) -> OwnView:
    """How we see files and processes ourselves."""
    names = []
    for kind in ("mnt", "pid"):
        try:
            names.append(os.readlink(f"{proc}/self/ns/{kind}").encode())
        except OSError:
            names.append(b"")
    return OwnView(*names)


def find_view(folder: int, own: OwnView) -> View:
    """How the process with this folder sees files."""
    try:
        if not own.mounts or read_link(folder, "ns/mnt") == own.mounts:
            return View()
        root, ours = os.stat("root", dir_fd=folder), os.stat("/")
        inner = bool(own.pids) and read_link(folder, "ns/pid") != own.pids
    except OSError:
        return View()
    same = (root.st_dev, root.st_ino) == (ours.st_dev, ours.st_ino)
    return View(foreign=not same, apart=True, inner=inner)


def hash_executable(proc: str, pid: int, exe: Executable | None) -> str:
    """SHA-256 (hex) of what the process runs, read through /proc so that a deleted file is read too; "" if it is not
    that file any more, can't be read or is larger than MOST_HASHED.
    """
    if exe is None:
        return ""
    digest = hashlib.sha256()
    try:
        descriptor = os.open(f"{proc}/{pid}/exe", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        status = os.fstat(descriptor)
        same = (status.st_dev, status.st_ino) == (exe.device, exe.inode)
        if not same or not stat.S_ISREG(status.st_mode) or status.st_size > MOST_HASHED:
            return ""
        at = 0
        while at <= MOST_HASHED and (block := os.pread(descriptor, 1 << 20, at)):
            digest.update(block)
            at += len(block)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return digest.hexdigest() if at <= MOST_HASHED else ""


def _is_same(path: bytes, folder: int | None, file: os.stat_result) -> bool | None:
    """Whether this very file lies there; None if we are not let look (the mount of another user)."""
    try:
        found = _stat_at(path, folder)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return None
    return (found.st_dev, found.st_ino) == (file.st_dev, file.st_ino)


def _stat(path: bytes, folder: int | None) -> os.stat_result | None:
    """What lies there; seen through the root of a process if `folder` is its folder in /proc."""
    try:
        return _stat_at(path, folder)
    except (OSError, ValueError):
        return None


def _stat_at(path: bytes, folder: int | None) -> os.stat_result:
    if folder is None:
        return os.lstat(path)
    return os.stat(b"root" + path, dir_fd=folder, follow_symlinks=False)
