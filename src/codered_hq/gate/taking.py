"""The door itself: an allowed decision becomes a permit, once, after it was judged again on what is true now."""

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from codered.model.errors import CodeRedError, Refused
from codered_hq.gate.asking import find_span
from codered_hq.gate.caps import release
from codered_hq.gate.deadlines import is_late
from codered_hq.gate.locking import explain_ahead, lock_gate
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import OPEN, count_from_now, end_decision, explain_state, name_decision, tell_decision
from codered_hq.gate.target_sets import hash_target_set
from codered_hq.gate.voters import find_missing_votes
from codered_hq.gate.weighing import Weighed, find_unbreakable, weigh
from codered_hq.model.action import ActionRequest
from codered_hq.opening import be_patient


class Permit(NamedTuple):
    """Somebody may do this now, once. `undo_at` (aware): when it must be taken back; None = never by itself."""

    decision_uid: str
    kind: str
    target: str
    target_set: str
    undo_at: datetime | None


def take(decision: Decision, request: ActionRequest, at: datetime) -> Permit:
    """The permit of an allowed decision. `request` is what would be done, with the machines as they are now. Raises
    Refused, and AwaitingApproval with who is missing: then nothing may be done.
    """
    taken = be_patient(lambda: _take(decision.pk, request, at))
    decision.refresh_from_db()
    if isinstance(taken, CodeRedError):  # raised only here: what became of the decision is to be stored
        raise taken
    return taken


def release_reservation(decision: Decision) -> None:
    """Nothing was changed after all: its machines are counted no more."""
    be_patient(lambda: release(decision))


def _take(key: int, request: ActionRequest, at: datetime) -> Permit | CodeRedError:
    with transaction.atomic():
        now = lock_gate(at)
        decision = Decision.objects.select_related("requester").get(pk=key)
        if decision.state in OPEN and is_late(decision, now):
            end_decision(decision, "expired", "nobody used it in time", "gate", now)
        if decision.state != "allowed":
            return explain_state(decision, find_missing_votes(decision, decision.needs, now))
        weighed = weigh(request, now)
        if change := _find_change(decision, weighed):
            end_decision(decision, "void", change, "gate", now)
            return explain_state(decision)
        if not decision.broke_glass and (missing := find_missing_votes(decision, decision.needs, now)):
            decision.state = "awaiting"  # somebody who said yes may no longer: others can
            decision.save(update_fields=["state"])
            release(decision)
            what = f"awaiting: {name_decision(decision)}: a yes for {' and '.join(missing)} no longer counts"
            tell_decision(decision, what, "gate", now)
            return explain_state(decision, missing)
        if decision.needs and not decision.broke_glass and (ahead := explain_ahead(at, now)):
            return Refused(ahead, where=name_decision(decision), advice="set the clock right")
        if not count_from_now(decision, () if decision.broke_glass else weighed.verdict.caps, now):
            return explain_state(decision)
        return _make_permit(decision, weighed, at, now)


def _find_change(decision: Decision, weighed: Weighed) -> str:
    """What is no longer as it was decided; "" if nothing is."""
    request, verdict = weighed.request, weighed.verdict
    if (request.kind, hash_target_set(request)) != (decision.kind, decision.target_set):
        return "it is not the same target, or not the same machines, any more"
    if (request.incident, request.seconds) != (decision.incident, decision.request.get("seconds")):
        return "it is asked for another incident, or for another time, than was decided"
    if verdict.digest != decision.rules_digest:
        return "other rules are in force now"
    if decision.broke_glass:
        return find_unbreakable(request)
    if verdict.answer == "no":
        return f"rule {verdict.rule}: {verdict.why}"
    if more := Counter(verdict.needs) - Counter(decision.needs):  # whoever said yes, said it to something milder
        return f"it needs {' and '.join(more.elements())} as well now (rule {verdict.rule}: {verdict.why})"
    return ""


def _make_permit(decision: Decision, weighed: Weighed, at: datetime, now: datetime) -> Permit:
    """`at` counts for the undo: a ledger ahead of the clock must not make it later."""
    spans = (decision.undo_after, find_span(weighed.verdict, weighed.request))
    span = min((span for span in spans if span > 0), default=0)
    decision.state, decision.taken_at, decision.undo_after = "taken", now, span
    decision.save(update_fields=["state", "taken_at", "undo_after"])
    tell_decision(decision, f"taken: {name_decision(decision)} (rule {decision.rule})", "gate", now)
    undo_at = at + timedelta(seconds=span) if span else None
    return Permit(decision.uid, decision.kind, decision.target, decision.target_set, undo_at)
