"""Whether the worker lives: it says so in a file of headquarters' folder at each pass."""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

NAME = "worker.json"
MOST_BYTES = 1 << 16


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """The worker's last pass: when, how long until the next (seconds), its process, and which parts failed and why."""

    at: datetime
    pause: float
    pid: int
    failed: dict[str, str] = {}


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
    """Whether the worker's next pass is not overdue: three pauses, and a minute for a pass."""
    if found is None:
        return False
    return ((at or datetime.now(UTC)) - found.at).total_seconds() < 3 * found.pause + 60
