"""What a file on a Windows system is, for evidence about patches: its version, and the date it was last changed.

Microsoft's tables name the date of the file's last change. A copy that lost its times has the date of the copying, so a
date counts only if it does not contradict the linker's own.
"""

import os
from datetime import UTC, datetime

from codered.collect.windows.pe_version import ProgramVersion, read_program_version
from codered.model.patches import FileFact
from codered.model.target import CopyingTarget, Target
from codered.system.descriptors import read_at

MOST_READ = 64 << 20  # bytes of one file, headers and resources together
LATEST_AFTER_LINKING = 180 * 86400  # seconds between the linking of a system file and its date in the tables
_FIRST_LINKED = 631152000  # 1990: an earlier one is a hash or nothing


class _Pieces:
    """Reads pieces of an open file, and no more than it may."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._left = MOST_READ

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes at `offset`."""
        data = read_at(self._descriptor, max(0, min(size, self._left)), offset)
        self._left -= len(data)
        return data


def read_file_fact(target: Target, rel: bytes, name: str) -> FileFact:
    """The fact of the file at `rel`; `name` as the evidence calls it. Raises OSError."""
    descriptor = target.open_file(rel)
    try:
        found = read_program_version(_Pieces(descriptor).read)
        changed = target.written(rel) if isinstance(target, CopyingTarget) else os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
    date = _choose_date(changed, found)
    return FileFact(name=name, version=found.version if found else "", date=date)


def read_version(target: Target, rel: bytes) -> str:
    """The file version of a program, "" if it says none or can't be read."""
    try:
        return read_file_fact(target, rel, "").version
    except OSError:
        return ""


def _choose_date(changed: float, found: ProgramVersion | None) -> str:
    """The ISO date (UTC) of the last change; "" where the linker's date says that it is the date of a copy."""
    linked = found.linked if found else 0
    if linked >= _FIRST_LINKED and not linked - 86400 <= changed <= linked + LATEST_AFTER_LINKING:
        return ""
    try:
        return datetime.fromtimestamp(changed, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return ""
