"""Opening and reading files by descriptor, as far as the system we run on can."""

import os
import sys

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
DIRECTORY = getattr(os, "O_DIRECTORY", 0)
NOT_INHERITED = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0)
NEVER_BLOCKS = getattr(os, "O_NONBLOCK", 0)
RAW = getattr(os, "O_BINARY", 0)
"""Windows turns line ends over without it."""
KEEPS_ATIME = getattr(os, "O_NOATIME", 0)
READ_FILE = os.O_RDONLY | NO_FOLLOW | NEVER_BLOCKS | NOT_INHERITED | RAW
SEEK_DATA, SEEK_HOLE = getattr(os, "SEEK_DATA", -1), getattr(os, "SEEK_HOLE", -1)
"""-1 where the system can't tell where a sparse file holds data."""

if sys.platform == "win32":
    import secrets
    import shutil
    import tempfile

    def open_nameless(name: str) -> int:
        """A descriptor of an empty file for our own use, gone when it is closed. Raises OSError."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_BINARY | os.O_NOINHERIT | os.O_TEMPORARY
        return os.open(os.path.join(tempfile.gettempdir(), f"codered-{secrets.token_hex(16)}-{name}"), flags, 0o600)

    def measure_free(folder: bytes) -> int:
        """How many bytes we may still write on the folder's disk. Raises OSError."""
        return shutil.disk_usage(os.fsdecode(folder)).free

    def reserve(descriptor: int, size: int) -> None:
        """Give an open file so many bytes of the disk. Raises OSError."""
        os.ftruncate(descriptor, size)

    def read_at(descriptor: int, size: int, offset: int) -> bytes:
        """At most `size` bytes from `offset`; moves the descriptor's own place, so not for two threads at once.
        Raises OSError.
        """
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)

    def write_at(descriptor: int, data: bytes | memoryview, offset: int) -> int:
        """Write at `offset`, at most all of it; how many bytes. As for `read_at`. Raises OSError."""
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.write(descriptor, data)

else:

    def open_nameless(name: str) -> int:
        """A descriptor of an empty file for our own use, gone when it is closed. Raises OSError."""
        return os.memfd_create(name, os.MFD_CLOEXEC)

    def measure_free(folder: bytes) -> int:
        """How many bytes we may still write on the folder's disk. Raises OSError."""
        figures = os.statvfs(folder)
        return figures.f_bavail * figures.f_frsize

    def reserve(descriptor: int, size: int) -> None:
        """Give an open file so many bytes of the disk. Raises OSError."""
        os.posix_fallocate(descriptor, 0, size)

    def read_at(descriptor: int, size: int, offset: int) -> bytes:
        """At most `size` bytes from `offset`. Raises OSError."""
        return os.pread(descriptor, size, offset)

    def write_at(descriptor: int, data: bytes | memoryview, offset: int) -> int:
        """Write at `offset`, at most all of it; how many bytes. Raises OSError."""
        return os.pwrite(descriptor, data, offset)
