"""Files put in place and taken away, in one step each: whoever looks sees the old state or the new, never a third.

A name that starts with `.codered-` may stand beside the file while it is being written; `remove_temporary` clears it
away after a crash.
"""

import errno
import os
from collections.abc import Callable

from codered.remediate.file_state import HeldFile, Spot
from codered.system.descriptors import NO_FOLLOW, NOT_INHERITED, RAW
from codered.system.folders import (
    clear_name_in,
    link_in,
    open_in,
    remove_in,
    rename_in,
    rename_new_in,
    sync_folder_at,
)

Fill = Callable[[int], None]

_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | NO_FOLLOW | NOT_INHERITED | RAW
_UNNAMED = getattr(os, "O_TMPFILE", 0)
_NO_TMPFILE = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)
_NO_LINK = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOENT, errno.EXDEV, errno.EMLINK)


def write_all(fd: int, data: bytes | memoryview) -> None:
    """Write everything. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def remove_held(held: HeldFile) -> None:
    """Remove the name of a file whose state was found right. Raises OSError, ChangeFailed."""
    held.lift_flags()
    held.check_unmoved()
    clear_name_in(held.spot.dir_fd, held.spot.name)
    sync_folder_at(held.spot.dir_fd)


def put_new(spot: Spot, temporary: bytes, fill: Fill) -> None:
    """Put a file where none is; `fill` writes its content and attributes. Raises FileExistsError rather than overwrite,
    OSError, and what `fill` raises.
    """
    if not _put_unnamed(spot, fill):
        _put_named(spot, temporary, fill)
    sync_folder_at(spot.dir_fd)


def replace_held(held: HeldFile, temporary: bytes, fill: Fill) -> None:
    """Put another file in the place of the held one. Raises OSError, ChangeFailed, and what `fill` raises."""
    spot = held.spot
    try:
        _write_temporary(spot, temporary, fill)
        held.lift_flags()
        held.check_unmoved()
        rename_in(spot.dir_fd, temporary, spot.name)
    except BaseException:
        remove_temporary(Spot(spot.dir_fd, temporary))
        raise
    sync_folder_at(spot.dir_fd)


def remove_temporary(spot: Spot) -> None:
    """Clear away what a crash left under a temporary name of ours. Raises OSError."""
    try:
        remove_in(spot.dir_fd, spot.name)
    except FileNotFoundError:
        return
    sync_folder_at(spot.dir_fd)


def _put_unnamed(spot: Spot, fill: Fill) -> bool:
    """A file without a name until it is complete. False where the file system has no such thing."""
    if not _UNNAMED:
        return False
    try:
        fd = os.open(b".", _UNNAMED | os.O_RDWR | NOT_INHERITED, 0o600, dir_fd=spot.dir_fd)
    except OSError as error:
        if error.errno in _NO_TMPFILE:
            return False
        raise
    try:
        fill(fd)
        os.fsync(fd)
        os.link(f"/proc/self/fd/{fd}", spot.name, dst_dir_fd=spot.dir_fd)
    except OSError as error:
        if error.errno in _NO_LINK:
            return False
        raise
    finally:
        os.close(fd)
    return True


def _put_named(spot: Spot, temporary: bytes, fill: Fill) -> None:
    try:
        _write_temporary(spot, temporary, fill)
        try:
            link_in(spot.dir_fd, temporary, spot.name)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            rename_new_in(spot.dir_fd, temporary, spot.name)  # FAT has no hard links
    finally:
        remove_temporary(Spot(spot.dir_fd, temporary))


def _write_temporary(spot: Spot, temporary: bytes, fill: Fill) -> None:
    fd = open_in(spot.dir_fd, temporary, _CREATE)
    try:
        fill(fd)
        os.fsync(fd)
    finally:
        os.close(fd)
