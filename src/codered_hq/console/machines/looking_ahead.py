"""What cutting off hosts comes to, before anybody clicks: what is changed where, whom else it touches, what the rules
say, and who must say yes.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from codered.model.errors import CodeRedError
from codered_hq.config import headquarters_folder, read_config
from codered_hq.console.viewing import Viewer
from codered_hq.containment.aiming import Aim, Surroundings, aim
from codered_hq.containment.asking import find_held, make_request, preview
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.containment.promptly import Means
from codered_hq.containment.rows import describe, describe_order
from codered_hq.gate.asking import find_span
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Incident
from codered_hq.incidents.roster import find_holders
from codered_hq.model.action import Verdict


class Asked(NamedTuple):
    """What somebody wants: these hosts, in the quarantine VLAN instead of off, with this wish."""

    hosts: tuple[Host, ...]
    quarantine: bool
    wish: Wish


class Role(NamedTuple):
    """A role whose yes is needed, and who has it now."""

    name: str
    people: tuple[str, ...]


class Ahead(NamedTuple):
    """One host: what holds it already, or what would be done (`aim`, `verdict`), or why nothing can be (`problem`)."""

    host: Host
    goal: Goal
    held: tuple[Containment, ...] = ()
    aim: Aim | None = None
    verdict: Verdict | None = None
    problem: CodeRedError | None = None
    roles: tuple[Role, ...] = ()
    seconds: int = 0

    @property
    def answer(self) -> str:
        """In one word: already, impossible, allowed, awaiting or refused."""
        if self.held:
            return "already"
        if self.verdict is None:
            return "impossible"
        return {"yes": "allowed", "needs": "awaiting", "no": "refused"}[self.verdict.answer]

    @property
    def askable(self) -> bool:
        """Whether asking the gate can lead to anything."""
        return self.aim is not None and self.answer != "refused"

    @property
    def orders(self) -> list[str]:
        """What is changed, in words."""
        return (
            [describe_order(order) for order in self.aim.orders] if self.aim else [describe(row) for row in self.held]
        )

    @property
    def others(self) -> list[str]:
        """Whom else it touches."""
        return [each.name for each in self.aim.subjects if each.host != self.host.pk] if self.aim else []


def find_means() -> Means:
    """The devices, and the folder of this headquarters."""
    folder = headquarters_folder()
    return Means(read_config(folder), folder)


def look_ahead(asked: Asked, around: Surroundings, viewer: Viewer) -> list[Ahead]:
    """Of each host; switches are asked, nothing is changed or kept."""
    return [_look(host, asked, around, viewer) for host in asked.hosts]


def sign(ahead: Sequence[Ahead]) -> str:
    """What was seen: another one when machines, orders, guards, or what the rules say have changed."""
    told = [
        (
            each.host.pk, each.answer, each.aim.orders if each.aim else (), each.aim.subjects if each.aim else (),
            each.aim.guard if each.aim else "", each.verdict.needs if each.verdict else (),
            each.verdict.rule if each.verdict else "", str(each.problem or ""), [row.uid for row in each.held],
        )
        for each in ahead
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def name_roles(needs: Sequence[str], incident: Incident | None, viewer: Viewer) -> tuple[Role, ...]:
    """The roles that must say yes, with the people who have them now."""
    return tuple(
        Role(name, tuple(person.name for person in find_holders(name, incident, viewer.at)))
        for name in dict.fromkeys(needs)
    )


def _look(host: Host, asked: Asked, around: Surroundings, viewer: Viewer) -> Ahead:
    goal = Goal(do="host", host=host.pk, quarantine=asked.quarantine)
    if held := find_held(goal):
        return Ahead(host, goal, held=tuple(held))
    try:
        found = aim(goal, around)
        verdict = preview(found, asked.wish, viewer.name, viewer.at)
    except CodeRedError as error:
        return Ahead(host, goal, problem=error)
    span = find_span(verdict, make_request(found, asked.wish, viewer.name, viewer.at))
    roles = name_roles(verdict.needs, viewer.incident, viewer)
    return Ahead(host, goal, aim=found, verdict=verdict, roles=roles, seconds=span)
