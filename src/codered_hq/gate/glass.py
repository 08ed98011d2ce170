"""Breaking the glass: one named role goes past a missing approval or a rule in an emergency; everybody is told, and it
is reviewed afterwards. Never past a drill, a guard or a machine that is never to be touched.
"""

from datetime import datetime, timedelta

from django.db import transaction

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered_hq.gate.deadlines import is_late
from codered_hq.gate.locking import lock_gate, tell_time
from codered_hq.gate.models import Decision
from codered_hq.gate.opposing import list_holding_kinds
from codered_hq.gate.settling import OPEN, allow, end_decision, explain_state, name_decision, read_request
from codered_hq.gate.voters import find_voting_roles
from codered_hq.gate.voting import find_voter
from codered_hq.gate.weighing import find_unbreakable, weigh
from codered_hq.incidents.glass_reviews import Broken, open_review
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.writing import enter
from codered_hq.opening import be_patient
from codered_hq.rules.facts import find_moment_facts

SHORTEST_REASON = 20  # characters
LONGEST_REASON = 4000


def break_glass(decision: Decision, speaker: Speaker, reason: str, at: datetime) -> Decision:
    """Allow a decision that waits, or that a rule refused. Raises Refused if this person or this action may not,
    WrongUse for a reason of less than 20 characters.
    """
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if len(reason) < SHORTEST_REASON:
        what = f"breaking the glass needs a reason of {SHORTEST_REASON} characters or more"
        raise WrongUse(what, where=name_decision(decision), advice="say what happens if it is not done now")
    problem = be_patient(lambda: _break(decision.pk, speaker, reason, at))
    decision.refresh_from_db()
    if problem is not None:  # raised only here: what became of the decision is to be stored
        raise problem
    return decision


def explain_glass(decision: Decision, speaker: Speaker, at: datetime) -> str:
    """Why who speaks may not break the glass for it at this time (aware), in words; "" = he may. Nothing is changed."""
    person = find_voter(speaker, name_decision(decision))
    problem = person if isinstance(person, Refused) else _find_problem(decision, person, tell_time(at))[1]
    return f"{problem.what}; {problem.advice}" if problem else ""


def _break(key: int, speaker: Speaker, reason: str, at: datetime) -> CodeRedError | None:
    with transaction.atomic():
        now = lock_gate(at)
        decision = Decision.objects.select_related("requester").get(pk=key)
        if decision.state == "allowed" and decision.broke_glass:
            return None
        if decision.state in OPEN and is_late(decision, now):
            end_decision(decision, "expired", "nobody used it in time", "gate", now)
        person = find_voter(speaker, name_decision(decision))
        if isinstance(person, Refused):
            return person
        review_seconds, problem = _find_problem(decision, person, now)
        if problem is not None:
            return problem
        _allow_broken(decision, person, reason, now, review_seconds)
        review_by = now + timedelta(seconds=review_seconds)
        what = name_decision(decision)
        open_review(Broken(decision.uid, what, person.name, reason, decision.incident, review_by), now)
        return None


def _find_problem(decision: Decision, person: Person, now: datetime) -> tuple[int, CodeRedError | None]:
    """Seconds within which it must be reviewed, and why it may not be done (None: it may)."""
    where = name_decision(decision)
    if decision.state not in ("awaiting", "refused"):
        return 0, explain_state(decision)
    weighed = weigh(read_request(decision), now)
    if is_late(decision, now) or weighed.rules is None or weighed.rules.digest != decision.rules_digest:
        return 0, Refused("was decided too long ago, or by other rules", where=where, advice="ask again first")
    if never := find_unbreakable(weighed.request):
        return 0, Refused(f"no glass is broken for this: {never}", where=where, advice="leave it as it is")
    glass = weighed.rules.book.break_glass
    if glass is None:
        return 0, Refused("the rules in force know no break-glass", where=where, advice="codered rules show")
    if not find_moment_facts(weighed.rules.book, now).roe_valid:
        return 0, Refused("the rules are past their review date", where=where, advice="have them approved again")
    if glass.role not in find_voting_roles(person, decision, now):
        advice = "codered incident roster show says who is"
        what = f"only {glass.role} may break the glass, and {person.name} is not, or was not when it was asked for"
        return 0, Refused(what, where=where, advice=advice)
    return glass.review_within, None


def _allow_broken(decision: Decision, person: Person, reason: str, now: datetime, review_seconds: int) -> None:
    decision.broke_glass = f"{person.name}: {reason}"
    if not decision.undo_after and decision.kind in list_holding_kinds():
        decision.undo_after = review_seconds  # what no rule allowed does not outlast its review
    decision.save(update_fields=["broke_glass", "undo_after"])
    detail = {
        "decision": decision.uid, "target_set": decision.target_set, "rule": decision.rule, "reason": reason,
        "review_within": review_seconds,
    }  # fmt: skip
    what = f"{person.name} broke the glass for {name_decision(decision)}: {reason}"
    enter("glass", person.name, what, now, incident=decision.incident, detail=detail)
    allow(decision, (), person.name, now)  # counted under the caps, not held by them
