"""Whether the worker lives: it says so in a file of headquarters' folder at each part of each pass."""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

NAME = "worker.json"
MOST_BYTES = 1 << 16


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """The worker's last word: when, how long until the next pass (seconds), its process, which parts failed and why,
    and the part that it began then ("" = the pass is done).
    """

    at: datetime
    pause: float
    pid: int
    failed: dict[str, str] = {}
    doing: str = ""


def beat(folder: Path, said: Beat) -> None:
    """Write it whole or not at all. Raises OSError."""
    place = folder / f"{NAME}.{os.getpid()}"
    place.write_bytes(msgspec.json.encode(said))
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
    (hosts are changed) is no death while its process is there.
    """
    if found is None:
        return False
    if ((at or datetime.now(UTC)) - found.at).total_seconds() < 3 * found.pause + 60:
        return True
    return bool(found.doing) and _is_there(found.pid)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:  # another user's
        return True
    except OSError:
        return False
    return True
