"""How worms choose whom they try, as far as an outbreak's speed hangs on it. Nothing here sends anything.

Drills play `make_worm`: the shares of the pack, at the tries a second that the scenario chose so that it fits its
minutes. CODE_RED, at the speed that was measured, is there to check the model (tests, benchmarks/outbreak_model.py).
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

SHARES = ("any", "same_8", "same_16")


class Worm(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses tried each second by one infected machine, and which share of them lies anywhere in 2**32, in the same
    /8, in the same /16.
    """

    name: str
    probes_per_second: float
    anywhere: float = 1.0
    same_8: float = 0.0
    same_16: float = 0.0

    def __post_init__(self) -> None:
        """Raises ValueError where the shares are not all of it."""
        if not math.isclose(self.anywhere + self.same_8 + self.same_16, 1.0) or self.probes_per_second < 0:
            raise ValueError(f"the shares of {self.name} do not add up to 1")


MEASURED_GROWTH: Final = 1.8
"""New infections an hour by each infected machine while nearly all are left, fitted to 19 July 2001 (Staniford, Paxson,
Weaver 2002).
"""
MEASURED_HOSTS: Final = 359_000
"""Machines infected in 14 hours (Moore, Shannon, Brown 2002)."""
MEASURED_PROBES: Final = MEASURED_GROWTH * 2**32 / (MEASURED_HOSTS * 3600)
"""Addresses a second and machine that this growth comes to, about 6: worked out, not observed. That it is right shows
in what it was not made from: the 14 hours, and a peak of more than 2,000 new machines a minute.
"""
CODE_RED: Final = Worm(name="codered", probes_per_second=MEASURED_PROBES)


def make_worm(name: str, probes_per_second: float, shares: Sequence[tuple[str, float]]) -> Worm:
    """A worm from the (within, share) pairs of a pack's scan behaviour; none = everywhere alike. Narrower ranges than
    a /16 count as one. Raises ValueError.
    """
    known = dict.fromkeys(SHARES, 0.0)
    for within, share in shares or [("any", 1.0)]:
        known[within if within in SHARES else "same_16"] += share
    total = sum(known.values()) or 1.0
    return Worm(
        name=name, probes_per_second=probes_per_second, anywhere=known["any"] / total,
        same_8=known["same_8"] / total, same_16=known["same_16"] / total,
    )  # fmt: skip
