"""Lengths of time as people write them."""

import re

from codered.model.errors import WrongUse

_LENGTH = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 366 * 86400


def parse_length(text: str, option: str) -> float:
    """Seconds of `90s`, `30m`, `72h`, `7d`. Raises WrongUse."""
    match = _LENGTH.fullmatch(text)
    seconds = int(match[1]) * _SECONDS[match[2]] if match else -1
    if text == "0":
        return 0.0
    if seconds > _LONGEST:
        raise WrongUse("is too long: at most 366d", where=f"{option} {text}")
    if not 0 <= seconds <= _LONGEST:
        raise WrongUse("is no length of time", where=f"{option} {text[:40]!a}", advice="write 90s, 30m, 72h or 7d")
    return float(seconds)
