"""Saying yes or no to a decision that waits: by somebody with a needed role, who did not ask for it, once."""

from datetime import datetime

from django.db import transaction

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.signing.keys import name_key, public_bytes, sign
from codered_hq.gate.deadlines import is_late
from codered_hq.gate.locking import explain_ahead, lock_gate, tell_time
from codered_hq.gate.models import Decision, Vote
from codered_hq.gate.settling import OPEN, allow, end_decision, explain_state, name_decision, read_request
from codered_hq.gate.voters import (
    PURPOSE,
    encode_vote,
    find_missing_votes,
    find_roles,
    find_voting_roles,
    is_requester,
)
from codered_hq.gate.weighing import weigh
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.writing import enter
from codered_hq.opening import be_patient

MOST_WORDS = 4000  # characters of a reason


def vote(decision: Decision, speaker: Speaker, yes: bool, why: str, at: datetime) -> Decision:
    """Store this person's answer; with the last yes the decision is allowed, with one no it is vetoed. The same answer
    twice changes nothing. Raises Refused with the reason why it does not count, WrongUse for a no without one.
    """
    if not yes and not why.strip():
        raise WrongUse("a no needs its reason", where=name_decision(decision), advice="say why in a few words")
    problem = be_patient(lambda: _vote(decision.pk, speaker, yes, why.strip()[:MOST_WORDS], at))
    decision.refresh_from_db()
    if problem is not None:  # raised only here: an expiry that was noticed is to be stored
        raise problem
    return decision


def explain_vote(decision: Decision, speaker: Speaker, at: datetime) -> str:
    """Why a yes of who speaks would not count at this time (aware), in words; "" = it would. Nothing is changed."""
    now = tell_time(at)
    person = find_voter(speaker, name_decision(decision))
    if isinstance(person, Refused):
        return person.what
    if decision.state not in OPEN or is_late(decision, now):
        return f"it is {decision.state if decision.state not in OPEN else 'expired'}: nobody's yes is asked for"
    given = decision.votes.filter(person=person).first()
    problem = _find_problem(decision, person, given, True, now)
    return f"{problem.what}; {problem.advice}" if problem else ""


def _vote(key: int, speaker: Speaker, yes: bool, why: str, at: datetime) -> CodeRedError | None:
    with transaction.atomic():
        now = lock_gate(at)
        decision = Decision.objects.select_related("requester").get(pk=key)
        _end_outdated(decision, now)
        person = find_voter(speaker, name_decision(decision))
        if isinstance(person, Refused):
            return person
        given = decision.votes.filter(person=person).first()
        if given is not None and given.yes == yes:
            return None if decision.state not in ("expired", "void") else explain_state(decision)
        if decision.state not in OPEN:
            return explain_state(decision)
        if decision.broke_glass:
            what = f"the glass was broken for it by {decision.broke_glass}"
            return Refused(what, where=name_decision(decision), advice="say it in the review")
        if problem := _find_problem(decision, person, given, yes, now):
            return problem
        if yes and (ahead := explain_ahead(at, now)):
            return Refused(ahead, where=name_decision(decision), advice="set the clock right")
        _store(decision, person, speaker, Vote(yes=yes, why=why, at=now))
        if not yes:
            end_decision(decision, "vetoed", f"{person.name} says no: {why}", person.name, now)
        elif decision.state == "awaiting" and not find_missing_votes(decision, decision.needs, now):
            _allow_voted(decision, person, now)
        return None


def find_voter(speaker: Speaker, where: str) -> Person | Refused:
    """The person as he is in the roster now, if it is proved that he speaks."""
    person = Person.objects.filter(pk=speaker.person.pk).first() if speaker.person else None
    if person is None:
        advice = "say who you are (--as NAME), and be in the roster: codered incident roster add"
        return Refused(f"nobody in the roster is {speaker.name}", where=where, advice=advice)
    if not person.active:
        return Refused(f"{person.name} is no longer active", where=where, advice="codered incident roster show")
    shown = public_bytes(speaker.key).hex() if speaker.key else ""
    if person.public_key and shown != person.public_key and not speaker.session:
        return Refused(f"{person.name} must show his key", where=where, advice="give it with --key")
    return person


def _end_outdated(decision: Decision, now: datetime) -> None:
    if decision.state not in OPEN:
        return
    if is_late(decision, now):
        end_decision(decision, "expired", "nobody used it in time", "gate", now)
    elif weigh(read_request(decision), now).verdict.digest != decision.rules_digest:
        end_decision(decision, "void", "other rules are in force now", "gate", now)


def _find_problem(decision: Decision, person: Person, given: Vote | None, yes: bool, now: datetime) -> Refused | None:
    where = name_decision(decision)
    if given is not None:
        said = "yes" if given.yes else "no"
        return Refused(f"{person.name} said {said} already", where=where, advice="an answer is given once")
    if is_requester(person, decision):
        if not yes:
            return None  # who asked may take it back
        return Refused("who asked may not approve it", where=where, advice="somebody else has to")
    if not decision.needs:
        return Refused("needs nobody's yes", where=where, advice="the rules allow it as it is")
    if not find_voting_roles(person, decision, now) & set(decision.needs):
        if find_roles(person, decision.incident, now) & set(decision.needs):
            what = f"the role of {person.name}, or what proves it, is newer than the request"
            return Refused(what, where=where, advice="somebody else has to, or it is vetoed and asked for again")
        what = f"{person.name} has none of the roles it needs now: {', '.join(decision.needs)}"
        return Refused(what, where=where, advice="codered incident roster show says who has")
    return None


def _store(decision: Decision, person: Person, speaker: Speaker, vote: Vote) -> None:
    vote.decision, vote.person, vote.session = decision, person, speaker.session
    if speaker.key is not None and person.public_key:
        vote.key = name_key(public_bytes(speaker.key))
        vote.signature = sign(speaker.key, PURPOSE, encode_vote(decision, vote.yes, vote.why, vote.at)).hex()
    vote.save()
    detail = {
        "decision": decision.uid, "target_set": decision.target_set, "rules_digest": decision.rules_digest,
        "yes": vote.yes, "why": vote.why, "key": vote.key, "signature": vote.signature, "session": speaker.session,
    }  # fmt: skip
    what = f"{'yes' if vote.yes else 'no'} of {person.name} to {name_decision(decision)}"
    enter("vote", person.name, what, vote.at, incident=decision.incident, detail=detail)


def _allow_voted(decision: Decision, person: Person, now: datetime) -> None:
    """Everybody said yes: whether it may be done is asked of the rules once more, and of their caps."""
    verdict = weigh(read_request(decision), now).verdict
    if verdict.answer == "no":
        end_decision(decision, "void", f"rule {verdict.rule}: {verdict.why}", "gate", now)
        return
    allow(decision, verdict.caps, person.name, now)
