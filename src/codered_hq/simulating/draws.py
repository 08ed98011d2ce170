"""Random numbers that the standard library of Python 3.11 lacks: how many of many happen."""

import math
from random import Random

EXACT = 64
"""Up to so many trials each is drawn by itself."""
RARE = 30.0
"""Up to so many expected hits, waiting times are drawn (exact); above, the normal approximation (error of the mean and
of the spread below one hit).
"""


def draw_binomial(trials: int, chance: float, source: Random) -> int:
    """How many of so many trials hit, each with this chance (0 to 1). Raises ValueError."""
    if trials < 0 or not 0.0 <= chance <= 1.0:
        raise ValueError(f"no trials: {trials} of {chance}")
    if chance > 0.5:
        return trials - draw_binomial(trials, 1.0 - chance, source)
    if trials == 0 or chance == 0.0:
        return 0
    if trials <= EXACT:
        return sum(source.random() < chance for _ in range(trials))
    if trials * chance <= RARE:
        return _count_by_waiting(trials, chance, source)
    drawn = source.gauss(trials * chance, math.sqrt(trials * chance * (1.0 - chance)))
    return min(trials, max(0, round(drawn)))


def _count_by_waiting(trials: int, chance: float, source: Random) -> int:
    """The trials between two hits are geometric."""
    scale, at, hits = math.log1p(-chance), 0, 0
    while True:
        at += int(math.log(1.0 - source.random()) / scale) + 1
        if at > trials:
            return hits
        hits += 1
