"""Durations as rules write them (30s, 45m, 4h, 2d), in seconds."""

import re
from typing import Final

SECONDS: Final[dict[str, int]] = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
LONGEST: Final = 366 * 86_400
_DURATION = re.compile(r"([0-9]{1,8})([smhd])", re.ASCII)


def parse_duration(text: str) -> int | None:
    """Its seconds; None if it is no duration, or none between one second and a year."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    seconds = int(found[1]) * SECONDS[found[2]]
    return seconds if 0 < seconds <= LONGEST else None


def show_duration(seconds: int) -> str:
    """As people write it, in the largest unit that fits: 5400 is 90m, a single day is 24h."""
    units = [unit for unit, size in SECONDS.items() if seconds % size == 0]
    unit = "h" if seconds == SECONDS["d"] else units[0]
    return f"{seconds // SECONDS[unit]}{unit}"
