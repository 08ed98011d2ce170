"""What somebody who waits gets at once: what is small, while nobody else is at it; the rest is the worker's."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from codered_hq.config import Config
from codered_hq.containment.acting import carry_out
from codered_hq.containment.asking import ask_release
from codered_hq.containment.goals import HELD, Wish, read_order
from codered_hq.containment.models import Containment
from codered_hq.containment.turns import take_turn
from codered_hq.gate.models import Decision
from codered_hq.incidents.people import Speaker

MOST_AT_ONCE: Final = 8
"""Machines, or containments that are taken back, of what is done while somebody waits."""


class Promptly(NamedTuple):
    """What was done at once; `left`: why it is left for the worker, in words ("" = it is not)."""

    rows: list[Containment]
    left: str = ""


class Means(NamedTuple):
    """What it is done with: the devices, and the folder of headquarters."""

    config: Config
    folder: Path


def carry_out_promptly(decision: Decision, means: Means, at: datetime) -> Promptly:
    """Do at this time (aware) what the gate allowed, if it is small and nobody else is changing the network just now;
    else it is left for `codered work`, which carries out all that is allowed. What came of it is in the rows' states.
    Raises Refused, AwaitingApproval, WrongUse.
    """
    goal = read_order(decision)
    size = max(len(goal.uids), len(decision.request.get("subjects", ())), len(goal.networks))
    if goal.do in ("vlan", "subnet") or size > MOST_AT_ONCE:
        return Promptly([], "it is about many machines")
    with take_turn(means.folder, wait=False) as free:
        if not free:
            return Promptly([], "something else is being changed in the network just now")
        return Promptly(carry_out(decision, means.config, means.folder, at))


def ask_back(rows: Sequence[Containment], reason: str, speaker: Speaker, at: datetime) -> Decision | None:
    """Ask the gate to take back what one decision put in place; for the incident that it was contained for. None if
    nothing of it may be in place any more.
    """
    held = [row for row in rows if row.state in HELD]
    if not held:
        return None
    before = held[0].decision
    return ask_release(held, Wish(reason=reason, incident=before.incident, drill=before.drill), speaker, at)
