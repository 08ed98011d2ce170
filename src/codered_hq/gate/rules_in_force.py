"""The rules of engagement that hold: put in force under an approver's signature, which is looked at again each time."""

import hashlib
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from codered.model.errors import Refused, WrongUse
from codered.signing.keys import load_trusted_keys
from codered_hq.config import APPROVERS_FOLDER, headquarters_folder
from codered_hq.gate.locking import lock_gate
from codered_hq.gate.models import Decision, RulesInForce
from codered_hq.gate.settling import OPEN, end_decision
from codered_hq.ledger.writing import enter
from codered_hq.opening import be_patient
from codered_hq.rules.book import RuleBook
from codered_hq.rules.reading import read_rules
from codered_hq.rules.signing import open_signed

APPROVERS = APPROVERS_FOLDER
"""Below the folder of headquarters: the public keys (*.pub) of those whose rules hold."""
_WHERE = "the rules in force"


class InForce(NamedTuple):
    """Rules that hold, and the SHA-256 (hexadecimal) of their text."""

    book: RuleBook
    version: int
    digest: str


def find_rules(at: datetime) -> InForce | None:
    """The rules that hold at this time; None if there are none. Raises Refused if they can't be read, or are no longer
    under the signature of somebody who may approve rules.
    """
    then = RulesInForce.objects.filter(Q(until=None) | Q(until__gt=at), since__lte=at).order_by("-pk").first()
    if then is None:
        return None
    try:
        keys = load_trusted_keys(headquarters_folder() / APPROVERS)
        book, digest = _open_rules(bytes(then.document), keys)
    except WrongUse as error:
        raise Refused(error.what, where=error.where, advice=error.advice) from None
    if digest != then.digest or book.version != then.version:
        advice = "find out who changed the database, and put the rules in force again"
        raise Refused("they are not what was put in force", where=_WHERE, advice=advice)
    return InForce(book, then.version, digest)


def put_in_force(signed: bytes, keys: frozenset[bytes], who: str, at: datetime) -> InForce:
    """Let these rules hold from now on; what was decided by others and not used yet is void. Rules that hold already
    change nothing. Raises Refused for a signature by none of these keys and for a version that is not newer, WrongUse
    for what does not load.
    """
    raw, signer = open_signed(signed, keys, "these rules")
    book, digest = read_rules(raw, "these rules"), hashlib.sha256(raw).hexdigest()
    be_patient(lambda: _put(RulesInForce(version=book.version, digest=digest, document=signed, signer=signer), who, at))
    return InForce(book, book.version, digest)


def _put(new: RulesInForce, who: str, at: datetime) -> None:
    with transaction.atomic():
        now = lock_gate(at)
        held = RulesInForce.objects.filter(until=None).order_by("-pk").first()
        if held is not None and held.digest == new.digest and bytes(held.document) == bytes(new.document):
            return
        newest = RulesInForce.objects.order_by("-version").first()
        if newest is not None and new.version <= newest.version and newest.digest != new.digest:
            what = f"version {new.version} is not newer than version {newest.version}, which was in force"
            raise Refused(what, where="these rules", advice="raise their version, and have them signed again")
        RulesInForce.objects.filter(until=None).update(until=now)
        new.since, new.put_by = now, who
        new.save()
        told = {"version": new.version, "digest": new.digest, "signer": new.signer}
        enter("rules", who, f"version {new.version} of the rules is in force", now, detail=told)
        for decision in Decision.objects.filter(state__in=OPEN).exclude(rules_digest=new.digest).order_by("pk"):
            end_decision(decision, "void", f"version {new.version} of the rules came in force", who, now)


@lru_cache(maxsize=8)
def _open_rules(signed: bytes, keys: frozenset[bytes]) -> tuple[RuleBook, str]:
    raw, _ = open_signed(signed, keys, _WHERE)
    return read_rules(raw, _WHERE), hashlib.sha256(raw).hexdigest()
