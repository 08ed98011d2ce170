"""What a file is besides its content: owner, mode, times, extended attributes (with POSIX ACLs and capabilities)."""

import errno
import hashlib
import os
import stat

import msgspec

from codered.remediate.inode_flags import read_holding_flags
from codered.system.extended import (
    list_extended,
    read_extended,
    remove_extended,
    set_mode,
    set_owner,
    set_times,
    write_extended,
)
from codered.system.folders import list_in, sync_folder_at

# ntfs-3g says ENODATA of a file that has none.
_NO_XATTRS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENODATA)
_MOST_NAMES = 200_000


class Attributes(msgspec.Struct, frozen=True, kw_only=True):
    """Permission bits, owner, times in nanoseconds, extended attributes as (name, value) in bytes, and the flags that
    keep it from being changed, which are set again only when it is in its place.
    """

    mode: int
    uid: int
    gid: int
    mtime_ns: int
    atime_ns: int
    xattrs: tuple[tuple[bytes, bytes], ...] = ()
    flags: int = 0


class FolderBefore(msgspec.Struct, frozen=True, kw_only=True):
    """A directory before a change in it: its times, and a hash of the names in it ("" = too many to remember)."""

    mtime_ns: int
    atime_ns: int
    names: str


def read_attributes(fd: int) -> Attributes:
    """The attributes of an open file. Raises OSError."""
    seen = os.fstat(fd)
    return Attributes(
        mode=stat.S_IMODE(seen.st_mode),
        uid=seen.st_uid,
        gid=seen.st_gid,
        mtime_ns=seen.st_mtime_ns,
        atime_ns=seen.st_atime_ns,
        xattrs=tuple((name, read_extended(fd, name)) for name in _list_xattrs(fd)),
        flags=read_holding_flags(fd),
    )


def write_attributes(fd: int, wanted: Attributes) -> None:
    """Give an open file these attributes, as its last change. Raises OSError."""
    seen = os.fstat(fd)
    if (seen.st_uid, seen.st_gid) != (wanted.uid, wanted.gid):
        set_owner(fd, wanted.uid, wanted.gid)
    # After the owner (chown drops capabilities), before the mode (it may forbid writing); the ACL after the others.
    for name, value in sorted(wanted.xattrs, key=lambda pair: (pair[0].startswith(b"system."), pair[0])):
        write_extended(fd, name, value)
    for name in _list_xattrs(fd):
        if name not in dict(wanted.xattrs) and not name.startswith(b"security."):
            remove_extended(fd, name)  # a default ACL of the folder, inherited
    if stat.S_IMODE(os.fstat(fd).st_mode) != wanted.mode:
        set_mode(fd, wanted.mode)
    set_times(fd, wanted.atime_ns, wanted.mtime_ns)


def read_folder(dir_fd: int) -> FolderBefore:
    """The directory as it is now. Raises OSError."""
    seen = os.fstat(dir_fd)
    return FolderBefore(mtime_ns=seen.st_mtime_ns, atime_ns=seen.st_atime_ns, names=_hash_names(dir_fd))


def restore_folder_times(dir_fd: int, before: FolderBefore) -> None:
    """Give the directory its times back, if it holds the same names as then. Raises OSError."""
    if os.fstat(dir_fd).st_mtime_ns == before.mtime_ns or not before.names:
        return
    if _hash_names(dir_fd) == before.names:
        set_times(dir_fd, before.atime_ns, before.mtime_ns)
        sync_folder_at(dir_fd)


def _list_xattrs(fd: int) -> list[bytes]:
    try:
        return sorted(list_extended(fd))
    except OSError as error:
        if error.errno in _NO_XATTRS:
            return []
        raise


def _hash_names(dir_fd: int) -> str:
    names = list_in(dir_fd, _MOST_NAMES + 1)
    if len(names) > _MOST_NAMES:
        return ""
    return hashlib.sha256(b"\0".join(sorted(names))).hexdigest()
