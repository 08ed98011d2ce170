"""Opening and reading files by descriptor, as far as the system we run on can."""

import os
import sys

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
DIRECTORY = getattr(os, "O_DIRECTORY", 0)
NOT_INHERITED = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)
NEVER_BLOCKS = getattr(os, "O_NONBLOCK", 0)
RAW = getattr(os, "O_BINARY", 0)
"""Windows turns line ends over without it."""
READ_FILE = os.O_RDONLY | NO_FOLLOW | NEVER_BLOCKS | NOT_INHERITED | RAW
SEEK_DATA, SEEK_HOLE = getattr(os, "SEEK_DATA", -1), getattr(os, "SEEK_HOLE", -1)
"""-1 where the system can't tell where a sparse file holds data."""

if sys.platform == "win32":

    def read_at(descriptor: int, size: int, offset: int) -> bytes:
        """At most `size` bytes from `offset`; moves the descriptor's own place, so not for two threads at once.
        Raises OSError.
        """
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)

else:

    def read_at(descriptor: int, size: int, offset: int) -> bytes:
        """At most `size` bytes from `offset`. Raises OSError."""
        return os.pread(descriptor, size, offset)
