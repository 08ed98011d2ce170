"""What the user says to `codered rescue`."""

from typing import NamedTuple


class RescueOptions(NamedTuple):
    """What the user said to `codered rescue build`."""

    output: str
    kernel: str | None
    plan: str | None
    approve: str
    as_json: bool
