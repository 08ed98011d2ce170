"""Where the program of a process lies, whose files it sees, and whether it listens: read anew from /proc."""

import os
import sys
from contextlib import suppress
from itertools import islice

from codered.remediate.processes import PROC, read_facts
from codered.remediate.windows_processes import name_program

Identity = tuple[int, int]
"""A file: device and inode."""

DELETED = b" (deleted)"
_LISTENS = b"0A"
_MOST_SOCKETS = 200_000
_MOST_LINE = 4096
_MOST_FILES = 100_000
_MOST_PARENTS = 8


def find_program(pid: int) -> bytes:
    """The path of what the process runs, as the kernel names it but for its mark of a deleted file. Raises OSError."""
    if sys.platform == "win32":
        return os.fsencode(name_program(pid))
    return os.readlink(os.fsencode(PROC / str(pid) / "exe")).removesuffix(DELETED)


def identify_program(pid: int) -> Identity | None:
    """The file that the process runs, None if that can't be told."""
    try:
        seen = os.stat(find_program(pid) if sys.platform == "win32" else PROC / str(pid) / "exe")
    except OSError:
        return None
    return seen.st_dev, seen.st_ino


def sees_our_files(pid: int) -> bool:
    """Whether a path means the same to the process as to us: a container has files of its own."""
    if sys.platform == "win32":
        return True
    try:
        return os.readlink(PROC / str(pid) / "ns/mnt") == os.readlink(PROC / "self/ns/mnt")
    except OSError:
        return False


def serves_network(pid: int) -> bool:
    """Whether the process listens for TCP connections, or one above it does that runs the same program."""
    program = identify_program(pid)
    for _ in range(_MOST_PARENTS):
        if program is None or identify_program(pid) != program:
            return False
        if _listens(pid):
            return True
        try:
            facts = read_facts(pid)
        except OSError:
            return False
        if facts is None:
            return False
        pid = facts.parent
    return False


def _listens(pid: int) -> bool:
    home = PROC / str(pid)
    waiting: set[bytes] = set()
    for name in ("tcp", "tcp6"):
        with suppress(OSError), (home / "net" / name).open("rb") as file:
            for line in islice(iter(lambda: file.readline(_MOST_LINE), b""), _MOST_SOCKETS):
                fields = line.split()
                if len(fields) > 9 and fields[3] == _LISTENS:
                    waiting.add(b"socket:[" + fields[9] + b"]")
    if not waiting:
        return False
    try:
        with os.scandir(home / "fd") as entries:
            for entry in islice(entries, _MOST_FILES):
                with suppress(OSError):
                    if os.fsencode(os.readlink(entry.path)) in waiting:
                        return True
    except OSError:
        return False
    return False
