"""What happened in an incident, as plain values: all that the standards are written from."""

from collections import Counter
from datetime import datetime

import msgspec

from codered.model.pack import ThreatPack
from codered_hq.model.crisis import STEPS, Step


class AffectedHost(msgspec.Struct, frozen=True, kw_only=True):
    """A machine of the incident; `number` is its number in the inventory."""

    number: int
    name: str
    addresses: tuple[str, ...] = ()
    state: str = "unknown"
    criticality: str = "normal"
    owner: str = ""
    treatment: str = ""


class SeenFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding on a host, from when to when it was seen; `gone_at` None = it is there still."""

    uid: str
    host: int
    pack: str
    indicator: str
    layer: str
    confidence: str
    severity: str
    subject: str
    first_seen: datetime
    last_seen: datetime
    gone_at: datetime | None = None


class DoneContainment(msgspec.Struct, frozen=True, kw_only=True):
    """A change in the network: `where` is its port, VLAN or addresses in words, `host` 0 = none that is known."""

    uid: str
    decision: str
    kind: str
    device: str
    where: str
    state: str
    requested_by: str
    begun_at: datetime
    host: int = 0
    held_at: datetime | None = None
    undo_at: datetime | None = None
    undone_at: datetime | None = None
    proof: str = ""
    error: str = ""


class MadeDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules answered to a request, and what became of it."""

    uid: str
    kind: str
    target: str
    answer: str
    rule: str
    why: str
    state: str
    requested_by: str
    at: datetime
    reason: str = ""
    needs: tuple[str, ...] = ()
    rules_version: int = 0


class PlannedTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task of the incident; `number` is its number in the database."""

    number: int
    step: Step
    role: str
    action: str
    target: str
    text: str
    state: str
    added_at: datetime
    owner: str = ""
    ended_at: datetime | None = None


class Happenings(msgspec.Struct, frozen=True, kw_only=True):
    """The incident with everything in it at one moment; `maker` is who exports it (name and version of the tool)."""

    at: datetime
    maker: str
    headquarters: str
    incident: str
    title: str
    step: Step
    severity: str
    tlp: str
    declared_at: datetime
    declared_by: str
    commander: str = ""
    drill: bool = False
    summary: str = ""
    closed_at: datetime | None = None
    packs: tuple[ThreatPack, ...] = ()
    hosts: tuple[AffectedHost, ...] = ()
    findings: tuple[SeenFinding, ...] = ()
    containments: tuple[DoneContainment, ...] = ()
    decisions: tuple[MadeDecision, ...] = ()
    tasks: tuple[PlannedTask, ...] = ()


class StepCount(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a step is there, and how much of it is done."""

    step: Step
    csf: str
    tasks: int
    done: int
    decisions: int


def list_techniques(packs: tuple[ThreatPack, ...]) -> tuple[str, ...]:
    """The ATT&CK techniques of these threats, each once."""
    return tuple(dict.fromkeys(technique for pack in packs for technique in pack.attack))


def count_tasks(tasks: tuple[PlannedTask, ...]) -> Counter[tuple[str, bool]]:
    """Tasks by step and whether they are done; dropped ones are not counted."""
    return Counter((task.step, task.state == "done") for task in tasks if task.state != "dropped")


def order_steps(step: str) -> int:
    """Where a step stands in the order of a response."""
    return STEPS.index(step) if step in STEPS else len(STEPS)
