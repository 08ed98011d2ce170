"""Decisions as people and programs are shown them."""

from datetime import datetime

import msgspec

from codered_hq.gate.deadlines import count_seconds_left, is_late
from codered_hq.gate.locking import tell_time
from codered_hq.gate.models import Decision, Vote
from codered_hq.gate.settling import OPEN, name_decision, read_request
from codered_hq.gate.voters import find_missing_votes, find_too_young, would_help
from codered_hq.incidents.models import Person


class VoteView(msgspec.Struct, frozen=True, kw_only=True):
    """One answer; `signed`: under the person's own key."""

    person: str
    yes: bool
    why: str
    at: datetime
    signed: bool


class DecisionView(msgspec.Struct, frozen=True, kw_only=True):
    """One decision. `missing` are the roles whose yes is still needed; `seconds_left` until it expires (0: it can't be
    used any more); `machines` by name, at most so many as were asked for; `name` is what people call it; `too_young`
    whose roles are newer than the request.
    """

    uid: str
    kind: str
    target: str
    state: str
    machines: tuple[str, ...]
    machine_count: int
    incident: str
    drill: bool
    requested_by: str
    reason: str
    at: datetime
    answer: str
    rule: str
    why: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    votes: tuple[VoteView, ...]
    expires_at: datetime | None
    seconds_left: int
    taken_at: datetime | None
    undo_after: int
    broke_glass: str
    rules_version: int
    rules_digest: str
    target_set: str
    name: str = ""
    too_young: tuple[str, ...] = ()


def view_decision(decision: Decision, at: datetime, most_machines: int = 20) -> DecisionView:
    """One decision as it stands at this time (aware)."""
    now = tell_time(at)
    names = [subject.name for subject in read_request(decision).subjects]
    left = count_seconds_left(decision, now) if decision.state in OPEN else 0
    waits = decision.state == "awaiting"
    return DecisionView(
        uid=decision.uid, kind=decision.kind, target=decision.target, state=decision.state,
        machines=tuple(names[:most_machines]), machine_count=len(names), incident=decision.incident,
        drill=decision.drill, requested_by=decision.requested_by, reason=decision.reason, at=decision.at,
        answer=decision.answer, rule=decision.rule, why=decision.why, needs=tuple(decision.needs),
        missing=find_missing_votes(decision, decision.needs, now) if waits else (),
        votes=tuple(_view_vote(vote) for vote in decision.votes.select_related("person").order_by("pk")),
        expires_at=decision.expires_at, seconds_left=max(0, int(left)), taken_at=decision.taken_at,
        undo_after=decision.undo_after, broke_glass=decision.broke_glass, rules_version=decision.rules_version,
        rules_digest=decision.rules_digest, target_set=decision.target_set, name=name_decision(decision),
        too_young=find_too_young(decision, now) if waits else (),
    )  # fmt: skip


def list_waiting(at: datetime, incident: str | None = None) -> tuple[Decision, ...]:
    """What waits for somebody's yes at this time (aware), the most urgent first; of one incident, or of all (None)."""
    rows = Decision.objects.filter(state="awaiting").exclude(expires_at=None).select_related("requester")
    rows = rows if incident is None else rows.filter(incident=incident)
    now = tell_time(at)
    return tuple(each for each in rows.order_by("expires_at", "pk") if not is_late(each, now))


def may_vote(person: Person, decision: Decision, at: datetime) -> bool:
    """Whether a yes of this person would help at this time (aware)."""
    return not decision.votes.filter(person=person).exists() and would_help(person, decision, tell_time(at))


def _view_vote(vote: Vote) -> VoteView:
    return VoteView(person=vote.person.name, yes=vote.yes, why=vote.why, at=vote.at, signed=bool(vote.signature))
