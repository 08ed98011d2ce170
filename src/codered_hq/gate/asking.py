"""Asking for a change: judged, counted, reserved and written down in one transaction, by one at a time."""

import uuid
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from msgspec.structs import replace

from codered.signing.keys import public_bytes
from codered_hq.config import headquarters_folder, read_config
from codered_hq.gate.caps import explain_full_cap
from codered_hq.gate.deadlines import set_deadline
from codered_hq.gate.expiring import end_late
from codered_hq.gate.locking import CLOCK_RULE, explain_ahead, lock_gate
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import OPEN, allow, name_decision, name_rule, tell_decision
from codered_hq.gate.target_sets import hash_target_set, list_counted
from codered_hq.gate.weighing import Weighed, weigh
from codered_hq.incidents.appointing import can_anybody_prove
from codered_hq.incidents.people import Speaker
from codered_hq.model.action import ActionRequest, Verdict
from codered_hq.opening import be_patient

UNPROVED = "who-asks"
"""The rule, of the gate itself, that nobody asks unknown for what others must approve: he could be one of them."""
_WHO_ASKS = "What others must approve is asked for by somebody who proves who he is: --as NAME --key FILE."


def ask(request: ActionRequest, order: dict[str, Any], speaker: Speaker) -> Decision:
    """What the rules answer, stored with all they were given; `order` is what carries it out. The same question while
    its answer may still be used gets the same decision. Nothing is raised for a no: see its `state`.
    """
    minutes = read_config(headquarters_folder()).approval_minutes
    request = replace(request, requested_by=speaker.name)
    order = msgspec.to_builtins(order, str_keys=True)
    return be_patient(lambda: _ask(request, order, speaker, minutes))


def _ask(request: ActionRequest, order: dict[str, Any], speaker: Speaker, minutes: int) -> Decision:
    with transaction.atomic():
        now = lock_gate(request.at)
        end_late(now)  # what nobody used in time takes nobody's place under a cap
        weighed = weigh(request, now)
        if known := _find_same(weighed, order, now):
            return known
        decision = _make_decision(weighed, order, speaker, now)
        set_deadline(decision, minutes, now)
        verdict = weighed.verdict
        if verdict.answer == "needs" and (no := _find_obstacle(request, verdict, speaker, now)):
            decision.answer, decision.rule, decision.why = "no", *no
        decision.state = "awaiting" if decision.answer == "needs" else "refused"
        decision.save()
        if decision.answer == "yes":
            allow(decision, verdict.caps, speaker.name, now)
        else:
            _tell_answer(decision, now)
        return decision


def _find_obstacle(request: ActionRequest, verdict: Verdict, speaker: Speaker, now: datetime) -> tuple[str, str] | None:
    """No use to wake people for what they may not allow: by which rule, and why."""
    if speaker.person is None and can_anybody_prove():
        return UNPROVED, _WHO_ASKS
    if ahead := explain_ahead(request.at, now):
        return CLOCK_RULE, ahead
    return explain_full_cap(verdict.caps, list_counted(request), now)


def _tell_answer(decision: Decision, now: datetime) -> None:
    because = name_rule(decision)
    if decision.answer == "needs":
        because = f"waits for {' and '.join(decision.needs)} ({because})"
    tell_decision(decision, f"{decision.state}: {name_decision(decision)}: {because}", decision.requested_by, now)


def _find_same(weighed: Weighed, order: dict[str, Any], now: datetime) -> Decision | None:
    """The decision of this very question that may still be used."""
    request, verdict = weighed.request, weighed.verdict
    rows = Decision.objects.filter(
        target_set=hash_target_set(request), kind=request.kind, incident=request.incident, drill=request.drill,
        state__in=OPEN, rules_digest=verdict.digest, expires_at__gt=now,
    )  # fmt: skip
    for decision in rows.order_by("-pk"):
        same = decision.answer == verdict.answer and decision.needs == list(verdict.needs)
        if same and decision.order == order and decision.request.get("seconds") == request.seconds:
            return decision
    return None


def _make_decision(weighed: Weighed, order: dict[str, Any], speaker: Speaker, now: datetime) -> Decision:
    request, verdict = weighed.request, weighed.verdict
    inputs: dict[str, Any] = msgspec.to_builtins(request)
    inputs["speaker_key"] = public_bytes(speaker.key).hex() if speaker.key else ""
    return Decision(
        uid=uuid.uuid4().hex, kind=request.kind, target=request.target, target_set=hash_target_set(request),
        request=inputs, order=order, incident=request.incident, drill=request.drill, requested_by=speaker.name,
        requester=speaker.person, reason=request.reason, at=now, rules_version=verdict.version,
        rules_digest=verdict.digest, answer=verdict.answer, rule=verdict.rule, why=verdict.why,
        needs=list(verdict.needs), undo_after=find_span(verdict, request),
    )  # fmt: skip


def find_span(verdict: Verdict, request: ActionRequest) -> int:
    """Seconds until it is taken back: the rules' or the wish's, whichever is shorter; 0 = never by itself."""
    return min((span for span in (verdict.undo_after, request.seconds) if span > 0), default=0)
