"""A file that is changed where it lies, inode and all, by pages that the vault knows: done, undone, and set right again
after a crash.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from codered.remediate import ntfs_attributes
from codered.remediate.attributes import Attributes
from codered.remediate.file_state import ChangeFailed, HeldFile, Spot, open_regular
from codered.remediate.ntfs_attributes import NtfsBefore
from codered.remediate.pages import PageChange, PagesState, look_at_pages, write_pages
from codered.system.descriptors import NEVER_BLOCKS, NO_FOLLOW, NOT_INHERITED, RAW
from codered.system.extended import set_times
from codered.system.folders import open_in

_WRITE = os.O_RDWR | NO_FOLLOW | NEVER_BLOCKS | NOT_INHERITED | RAW


def change_in_place(held: HeldFile, pages: tuple[PageChange, ...], windows: NtfsBefore | None) -> None:
    """Write the pages of a file whose state was found right; on NTFS its attributes stay as they were. Raises OSError,
    ChangeFailed.
    """
    held.lift_flags()
    held.check_unmoved()
    with _opened(held.spot, held.fd) as fd:
        write_pages(fd, pages)
        if windows is not None:  # writing sets the archive attribute
            ntfs_attributes.write_attributes(fd, replace(windows, times=b""))


def return_in_place(
    spot: Spot, pages: tuple[PageChange, ...], attributes: Attributes, windows: NtfsBefore | None
) -> None:
    """Write the pages as they were, and the times. Raises ChangeFailed if somebody else wrote there, OSError."""
    with _opened(spot) as fd:
        if _look(fd, pages) == "other":
            raise ChangeFailed("it is not as it was left")
        _return(fd, pages, attributes, windows)


def recover_in_place(
    spot: Spot, pages: tuple[PageChange, ...], attributes: Attributes, windows: NtfsBefore | None
) -> None:
    """What a crash interrupted becomes the old file again; one that was written whole, or by somebody else, stays.
    Raises OSError.
    """
    with _opened(spot) as fd:
        now = _look(fd, pages)
        if now in ("mixed", "before"):
            _return(fd, pages, attributes, windows)
        elif now == "after" and windows is not None:
            ntfs_attributes.write_attributes(fd, replace(windows, times=b""))


def _return(fd: int, pages: tuple[PageChange, ...], attributes: Attributes, windows: NtfsBefore | None) -> None:
    write_pages(fd, pages, undo=True)
    if windows is not None:
        ntfs_attributes.write_attributes(fd, windows)
    else:
        set_times(fd, attributes.atime_ns, attributes.mtime_ns)
    os.fsync(fd)


def _look(fd: int, pages: tuple[PageChange, ...]) -> PagesState:
    """As `look_at_pages`, for a file that may have been made longer since."""
    if not pages:
        return "before"
    last = pages[-1]
    cut = len(last.before) != len(last.after)
    longest = last.offset + max(len(last.before), len(last.after))
    return "other" if cut and os.fstat(fd).st_size > longest else look_at_pages(fd, pages)


@contextmanager
def _opened(spot: Spot, same_as: int | None = None) -> Iterator[int]:
    """The file for writing. Raises ChangeFailed if it is not the one that is held open, OSError."""
    os.close(open_regular(spot))  # for its words about what is no file
    fd = open_in(spot.dir_fd, spot.name, _WRITE)
    try:
        if same_as is not None and not os.path.samestat(os.fstat(fd), os.fstat(same_as)):
            raise ChangeFailed("it was exchanged or changed at the last moment")
        yield fd
    finally:
        os.close(fd)
