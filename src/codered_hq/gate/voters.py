"""Who may say yes or no to a decision, and whose votes count at this moment."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from django.db.models import Q

from codered.signing.keys import is_signed, name_key
from codered_hq.gate.matching import find_missing
from codered_hq.gate.models import Decision, Vote
from codered_hq.incidents.models import Duty, Person

PURPOSE = "codered/vote/1"


def encode_vote(decision: Decision, yes: bool, why: str, at: datetime) -> bytes:
    """What a voter signs: this answer to this decision, about these machines, what is carried out on them and for how
    many seconds, under these rules. Canonical JSON.
    """
    order = hashlib.sha256(msgspec.json.encode(decision.order, order="sorted")).hexdigest()
    body = {
        "order": order, "seconds": decision.request.get("seconds", 0),
        "decision": decision.uid, "target_set": decision.target_set, "rules": decision.rules_digest,
        "yes": yes, "why": why, "at": at.astimezone(UTC).isoformat(),
    }  # fmt: skip
    return msgspec.json.encode(body, order="sorted")


def find_roles(person: Person, incident: str, now: datetime, already_at: datetime | None = None) -> frozenset[str]:
    """The roles somebody active has at this time (aware): those of this incident, and standing ones; only those that
    he had already at another time.
    """
    duties = Duty.objects.filter(Q(incident=None) | Q(incident__name=incident), Q(until=None) | Q(until__gt=now))
    duties = duties.filter(person=person, person__active=True, since__lte=already_at or now)
    return frozenset(duties.values_list("role", flat=True))


def find_voting_roles(person: Person, decision: Decision, now: datetime) -> frozenset[str]:
    """The roles whose vote on this decision somebody has now, and had, with what proves him, before it was asked for:
    whoever was appointed to say yes to it does not count.
    """
    if person.proof_since is not None and person.proof_since > decision.at:
        return frozenset()
    return find_roles(person, decision.incident, now, decision.at)


def find_too_young(decision: Decision, now: datetime) -> tuple[str, ...]:
    """Sentences about people who have a needed role only since it was asked for."""
    told = []
    duties = Duty.objects.filter(role__in=decision.needs, person__active=True).select_related("person")
    for person in {duty.person.pk: duty.person for duty in duties.order_by("person__name")}.values():
        voting = find_voting_roles(person, decision, now)
        if late := sorted(find_roles(person, decision.incident, now) & set(decision.needs) - voting):
            roles = " and ".join(late)
            told.append(f"{person.name} does not count: {roles}, or the proof of it, is newer than the request")
    return tuple(told)


def is_requester(person: Person, decision: Decision) -> bool:
    """Whether this is who asked: by the person, the name, the account or the key."""
    if person.pk is not None and person.pk == decision.requester_id:
        return True
    asked = {decision.requested_by} | ({decision.requester.account} if decision.requester else set())
    key = decision.request.get("speaker_key", "")
    return bool(asked & ({person.name, person.account} - {""})) or bool(key and key == person.public_key)


def find_missing_votes(decision: Decision, needs: Sequence[str], now: datetime) -> tuple[str, ...]:
    """The needed roles that nobody has said yes for whose vote counts now."""
    return find_missing(tuple(needs), _find_holders(decision, now))


def would_help(person: Person, decision: Decision, now: datetime) -> bool:
    """Whether fewer people would be missing with the yes of this one, who has not voted yet."""
    if is_requester(person, decision):
        return False
    holders = _find_holders(decision, now)
    more = holders | {_name_proof(person): find_voting_roles(person, decision, now)}
    return len(find_missing(tuple(decision.needs), more)) < len(find_missing(tuple(decision.needs), holders))


def _find_holders(decision: Decision, now: datetime) -> dict[str, frozenset[str]]:
    """Human beings whose yes counts, and the roles that they have now."""
    holders: dict[str, frozenset[str]] = {}
    for vote in decision.votes.filter(yes=True).select_related("person").order_by("pk"):
        if _counts(vote, decision):
            proof = _name_proof(vote.person)
            roles = find_voting_roles(vote.person, decision, now)
            holders[proof] = holders.get(proof, frozenset()) | roles
    return holders


def _name_proof(person: Person) -> str:
    """Two entries of the roster that prove themselves by one key, or by one account, are one human being."""
    return person.public_key or f"account {person.account or person.name}"


def _counts(vote: Vote, decision: Decision) -> bool:
    """Whether a yes is still somebody's who may give it, and what its signature says; without one, whether the console
    still proves him.
    """
    if not vote.person.active or is_requester(vote.person, decision):
        return False
    if vote.session and not vote.signature:
        since = vote.person.console_since
        return since is not None and since <= vote.at
    if not vote.person.public_key:
        return not vote.signature
    try:
        public, signature = bytes.fromhex(vote.person.public_key), bytes.fromhex(vote.signature)
    except ValueError:
        return False
    body = encode_vote(decision, vote.yes, vote.why, vote.at)
    return vote.key == name_key(public) and is_signed(public, PURPOSE, body, signature)
