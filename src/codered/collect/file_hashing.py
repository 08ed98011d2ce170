"""Reading a file for a baseline: its attributes and the hash of its content, of one and the same moment."""

import errno
import hashlib
import os
import stat
from typing import NamedTuple

from blake3 import blake3

from codered.collect.walking import Unwalked
from codered.model.known_good import EntryState, FileRecord
from codered.model.target import Target

MOST_KEPT = 1 << 20  # bytes of a file that is handed on whole
MOST_LINK = 4096
MOST_XATTRS = 64  # of one file, and bytes of one: what an ACL or a capability needs is far below
MOST_XATTR_BYTES = 4096
CHANGES = "it changes while it is read: its hash would be of no moment"
GONE = "was renamed or removed while it was looked at"
_PIECE = 1 << 20
_NO_XATTRS = (errno.ENOTSUP, errno.ENODATA, errno.EPERM, errno.EACCES)
_MATTERS = ("security.capability", "security.selinux", "system.posix_acl_access", "system.posix_acl_default")


class FileRead(NamedTuple):
    """An entry as it is: what `stat` says, the record, and of a regular file that is no larger than MOST_KEPT the
    content (of a larger one its first bytes).
    """

    state: EntryState
    record: FileRecord
    data: bytes = b""


def read_file(target: Target, directory: int, name: bytes) -> FileRead | Unwalked:
    """An entry of an open folder; a file that changes while it is read is tried once more. What can't be read is an
    Unwalked whose `rel` is only the name.
    """
    for _ in range(2):
        try:
            read = _read_once(target, directory, name)
        except FileNotFoundError:
            return Unwalked(name, "failed", GONE)
        except OSError as error:
            return Unwalked(name, "failed", error.strerror or str(error))
        if read is not None:
            return read
    return Unwalked(name, "failed", CHANGES)


def hash_of(target: Target, directory: int, name: bytes, algorithm: str = "sha256") -> str:
    """A hash of a file's content, hexadecimal; "" if it can't be read."""
    try:
        descriptor = target.open_at(directory, name)
    except OSError:
        return ""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        while piece := os.read(descriptor, _PIECE):
            digest.update(piece)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def _read_once(target: Target, directory: int, name: bytes) -> FileRead | None:
    """None if it changed meanwhile. Raises OSError."""
    device = os.fstat(directory).st_dev
    seen = os.stat(name, dir_fd=directory, follow_symlinks=False)
    if stat.S_ISREG(seen.st_mode):
        return _read_regular(target, directory, name, device)
    link = b""
    xattrs: tuple[tuple[str, bytes], ...] = ()
    if stat.S_ISLNK(seen.st_mode):
        link = os.readlink(name, dir_fd=directory)[:MOST_LINK]
    elif stat.S_ISDIR(seen.st_mode):
        xattrs = _read_folder_xattrs(directory, name)
    record = FileRecord(seen.st_mode, seen.st_uid, seen.st_gid, seen.st_size, b"", link, xattrs)
    return FileRead(_state_of(seen, device), record)


def _read_regular(target: Target, directory: int, name: bytes, device: int) -> FileRead | None:
    descriptor = target.open_at(directory, name)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            return None
        data, digest, size = _hash(descriptor, before.st_size)
        xattrs = _read_xattrs(descriptor)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if _state_of(before, device) != _state_of(after, device) or size != after.st_size:
        return None
    record = FileRecord(after.st_mode, after.st_uid, after.st_gid, after.st_size, digest, b"", xattrs)
    return FileRead(_state_of(after, device), record, data)


def _hash(descriptor: int, size: int) -> tuple[bytes, bytes, int]:
    """The content (or the start of it), its BLAKE3, and how much there was. No more is read than the file had: one that
    grows without end is one that changes.
    """
    if size <= MOST_KEPT:
        data = os.read(descriptor, size + 1)
        if len(data) == size:
            return data, blake3(data).digest(), size
        os.lseek(descriptor, 0, os.SEEK_SET)
    digest, done, first = blake3(), 0, b""
    while done <= size and (piece := os.read(descriptor, _PIECE)):
        first = first or piece[:4096]
        digest.update(piece)
        done += len(piece)
    return first, digest.digest(), done


def _read_folder_xattrs(directory: int, name: bytes) -> tuple[tuple[str, bytes], ...]:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    except OSError:  # a folder that can't be opened is a gap of the walk
        return ()
    try:
        return _read_xattrs(descriptor)
    finally:
        os.close(descriptor)


def _read_xattrs(descriptor: int) -> tuple[tuple[str, bytes], ...]:
    """Those that decide who may do what. Raises OSError."""
    try:
        names = os.listxattr(descriptor)
    except OSError as error:
        if error.errno in _NO_XATTRS:
            return ()
        raise
    if not names:
        return ()
    found = []
    for name in sorted(names)[:MOST_XATTRS]:
        if name not in _MATTERS:
            continue
        try:
            found.append((name, os.getxattr(descriptor, name)[:MOST_XATTR_BYTES]))
        except OSError as error:
            if error.errno not in _NO_XATTRS:
                raise
    return tuple(found)


def _state_of(seen: os.stat_result, device: int) -> EntryState:
    own = 0 if seen.st_dev == device else seen.st_dev
    return EntryState(own, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
