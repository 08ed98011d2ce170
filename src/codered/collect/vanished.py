"""A name that the listing gave and that is not there any more: did it vanish, or was it moved out of our way?"""

import os
from typing import NamedTuple

GONE = "gone before it could be read"
CHANGED = "it changed while it was looked at"
CLOCK_STEP = 20_000_000  # nanoseconds; file systems stamp with a coarse clock
_MOST_ENTRIES = 20_000


class Relisting(NamedTuple):
    """A folder listed again: its names, and whether something in it was moved or renamed since."""

    names: frozenset[bytes]
    moved: bool


def list_again(directory: int, since: int) -> Relisting:
    """The open folder as it is now. A move changes the inode (ctime) and not the content (mtime), so what was changed
    after `since` (ns since the epoch) and written before was moved here, or renamed. Temporary files are both.
    Raises OSError.
    """
    names: set[bytes] = set()
    moved = False
    since -= CLOCK_STEP
    own = os.open(b".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=directory)
    try:
        with os.scandir(own) as entries:
            for entry in entries:
                names.add(os.fsencode(entry.name))
                if len(names) > _MOST_ENTRIES:
                    return Relisting(frozenset(names), moved=True)
                moved = moved or _is_moved(entry, since)
    finally:
        os.close(own)
    return Relisting(frozenset(names), moved)


def _is_moved(entry: "os.DirEntry[str]", since: int) -> bool:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    return status.st_ctime_ns >= since > status.st_mtime_ns
