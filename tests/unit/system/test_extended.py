"""Extended attributes, times and modes of open files."""

import os
from pathlib import Path

import pytest

from codered.system.extended import (
    list_extended,
    read_extended,
    remove_extended,
    set_mode,
    set_owner,
    set_times,
    write_extended,
)


def test_set_read_and_gone(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"")
    fd = os.open(file, os.O_RDWR)
    try:
        write_extended(fd, "user.mark", b"\0x")
        assert read_extended(fd, "user.mark") == b"\0x"
        assert b"user.mark" in list_extended(fd)
        remove_extended(fd, "user.mark")
        with pytest.raises(OSError, match="No data"):
            read_extended(fd, "user.mark")
        set_times(fd, 10**18, 996_000_000_123_456_700)
        set_mode(fd, 0o640)
        set_owner(fd, os.geteuid(), os.getegid())
    finally:
        os.close(fd)
    seen = file.stat()
    assert (seen.st_atime_ns, seen.st_mtime_ns) == (10**18, 996_000_000_123_456_700)
    assert seen.st_mode & 0o777 == 0o640
