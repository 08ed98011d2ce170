"""Asking the gate for a containment or a release: from a goal to a request, and to a decision."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from codered_hq.containment.aiming import Aim, Surroundings, aim
from codered_hq.containment.goals import HELD, Goal, Wish, name_target, write_order
from codered_hq.containment.machines import Machines, write_subjects
from codered_hq.containment.models import Containment
from codered_hq.gate.asking import ask
from codered_hq.gate.models import Decision
from codered_hq.gate.weighing import weigh
from codered_hq.incidents.people import Speaker
from codered_hq.model.action import ActionRequest, Verdict

NEARLY = timedelta(minutes=1)
"""Who asks again at once does not ask for longer."""
_PORT_KINDS = {False: ("disable_port", "block_address"), True: ("move_vlan",)}


class Asked(NamedTuple):
    """What was asked for, what it comes to, and what the gate decided."""

    goal: Goal
    aim: Aim
    decision: Decision


def ask_for(goal: Goal, wish: Wish, speaker: Speaker, around: Surroundings, at: datetime) -> Asked:
    """Ask the gate at this time (aware). A no is in the decision. Raises Refused if nothing can be done, WrongUse."""
    return ask_aimed(goal, aim(goal, around), wish, speaker, at)


def ask_aimed(goal: Goal, found: Aim, wish: Wish, speaker: Speaker, at: datetime) -> Asked:
    """The same for what was aimed at already."""
    return Asked(goal, found, ask(make_request(found, wish, speaker.name, at), write_order(goal), speaker))


def preview(found: Aim, wish: Wish, who: str, at: datetime) -> Verdict:
    """What the rules would answer; nothing is asked for or kept."""
    return weigh(make_request(found, wish, who, at), at).verdict


def make_request(found: Aim, wish: Wish, who: str, at: datetime) -> ActionRequest:
    """What the gate is asked."""
    return ActionRequest(
        kind=found.kind, target=found.target, subjects=found.subjects, at=at, requested_by=who, reason=wish.reason,
        incident=wish.incident, drill=wish.drill, seconds=wish.seconds, guard=found.guard,
    )  # fmt: skip


def ask_release(rows: Sequence[Containment], wish: Wish, speaker: Speaker, at: datetime) -> Decision:
    """Ask the gate to take these back: what one decision put in place."""
    goal = Goal(do="release", uids=tuple(row.uid for row in rows))
    return ask(make_release_request(rows, goal, wish, speaker.name, at), write_order(goal), speaker)


def make_release_request(rows: Iterable[Containment], goal: Goal, wish: Wish, who: str, at: datetime) -> ActionRequest:
    """What the gate is asked about a release; the machines are those that were cut off, as they are now."""
    named = [subject for row in rows for subject in row.decision.request.get("subjects", ())]
    met = Machines(
        frozenset(int(each["host"]) for each in named if each.get("host")),
        frozenset(str(each["name"]) for each in named if not each.get("host")),
    )
    return ActionRequest(
        kind="release", target=name_target(goal), subjects=write_subjects(met), at=at, requested_by=who,
        reason=wish.reason, incident=wish.incident, drill=wish.drill,
    )  # fmt: skip


def read_wish(decision: Decision) -> Wish:
    """What was asked along with a decision."""
    seconds = int(decision.request.get("seconds") or 0)
    return Wish(seconds=seconds, reason=decision.reason, incident=decision.incident, drill=decision.drill)


def find_held(goal: Goal, until: datetime | None = None) -> list[Containment]:
    """The containments that do already what is wanted; with `until` (aware) those that last until then or nearly so."""
    rows = Containment.objects.filter(state__in=HELD).select_related("decision")
    if until is not None:
        rows = rows.filter(Q(undo_at=None) | Q(undo_at__gte=until - NEARLY))
    same = Q(decision__target=name_target(goal))
    if goal.do == "host":
        same |= Q(host_id=goal.host)
    if goal.do in ("host", "port"):
        return list(rows.filter(same, kind__in=_PORT_KINDS[goal.quarantine]).order_by("pk"))
    return [row for row in rows.filter(same).order_by("pk") if not goal.networks or row.networks == [*goal.networks]]
