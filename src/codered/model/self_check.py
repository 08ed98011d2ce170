"""What `codered self-check` answers: can this installation be trusted, and what can it do here?"""

from datetime import datetime
from typing import Literal

import msgspec

SELF_CHECK_FORMAT = "codered/self-check/1"

CheckState = Literal["good", "wrong", "unchecked", "absent"]
"""absent: it works elsewhere, not here (no root, a part that is not installed); nothing is wrong with the tool."""

InstallationKind = Literal["checkout", "wheel", "debian", "one-file", "program", "unknown"]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was checked: what came of it in a sentence, and what to do about it ("" = nothing)."""

    subject: str
    group: Literal["trust", "work", "here"]
    state: CheckState
    told: str
    advice: str = ""


class SelfCheck(msgspec.Struct, frozen=True, kw_only=True):
    """All checks, in order, of the installation of this kind in this folder."""

    format: Literal["codered/self-check/1"]
    tool: str
    checked: datetime
    installation: InstallationKind
    folder: str
    checks: tuple[Check, ...]

    def count(self, state: CheckState) -> int:
        """How many checks came to this."""
        return sum(check.state == state for check in self.checks)
