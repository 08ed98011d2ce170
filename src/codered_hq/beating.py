"""Whether the worker lives: it says so in a file of headquarters' folder at each part of each pass."""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

NAME = "worker.json"
MOST_BYTES = 1 << 16
LONGEST_PART = 1800.0
"""Seconds; a worker that is longer at one part hangs."""
_START = 19  # of the fields after the name


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """The worker's last word: when, how long until the next pass (seconds), its process and when that began (clock
    ticks since boot; 0 = not known), which parts failed and why, and the part that it began then ("" = the pass is
    done).
    """

    at: datetime
    pause: float
    pid: int
    failed: dict[str, str] = {}
    doing: str = ""
    start: int = 0


def beat(folder: Path, said: Beat) -> None:
    """Write it whole or not at all, with the start of its process. Raises OSError."""
    place = folder / f"{NAME}.{os.getpid()}"
    place.write_bytes(msgspec.json.encode(msgspec.structs.replace(said, start=find_start(said.pid))))
    place.replace(folder / NAME)


def find_beat(folder: Path) -> Beat | None:
    """The last one; None if none was ever written, or it can't be read."""
    try:
        with open(os.open(folder / NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return msgspec.json.decode(file.read(MOST_BYTES), type=Beat)
    except (OSError, msgspec.DecodeError):
        return None


def is_alive(found: Beat | None, at: datetime | None = None) -> bool:
    """Whether the worker's next word is not overdue: three pauses, and a minute for a part. A part that takes longer
    (hosts are changed) is no death while its very process is there, up to LONGEST_PART.
    """
    if found is None:
        return False
    silent = ((at or datetime.now(UTC)) - found.at).total_seconds()
    if silent < 3 * found.pause + 60:
        return True
    same = _is_there(found.pid) and found.start == find_start(found.pid)
    return bool(found.doing) and silent < LONGEST_PART and same


def find_hanging(found: Beat | None, at: datetime | None = None) -> str:
    """The part that the worker is at for longer than any should take, and how long: "" = none."""
    if found is None or not found.doing or is_alive(found, at):
        return ""
    if not _is_there(found.pid) or found.start != find_start(found.pid):
        return ""
    return f"at {found.doing} for {((at or datetime.now(UTC)) - found.at).total_seconds() // 60:.0f} min"


def find_start(pid: int) -> int:
    """When a process of this machine began, in clock ticks since boot; 0 = not known."""
    try:
        text = (Path("/proc") / str(pid) / "stat").read_text(errors="replace")
        return int(text.rpartition(")")[2].split()[_START])
    except (OSError, ValueError, IndexError):
        return 0


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:  # another user's
        return True
    except OSError:
        return False
    return True
