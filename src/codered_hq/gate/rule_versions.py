"""Every version of the rules that was ever in force: its text as it was signed."""

import hashlib
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered.signing.keys import load_trusted_keys
from codered.signing.sealing import decode_sealed
from codered_hq.config import headquarters_folder
from codered_hq.gate.models import RulesInForce
from codered_hq.gate.rules_in_force import APPROVERS
from codered_hq.rules.book import RuleBook
from codered_hq.rules.reading import read_rules
from codered_hq.rules.signing import open_signed


class Version(NamedTuple):
    """Rules as they were put in force. `trusted`: whoever signed them may still approve rules."""

    row: RulesInForce
    book: RuleBook
    raw: bytes
    trusted: bool


def list_versions() -> list[RulesInForce]:
    """Each time that rules were put in force, the newest first; without their text."""
    return list(RulesInForce.objects.defer("document").order_by("-pk"))


def open_version(number: int) -> Version:
    """The rules of this row (its pk). Raises WrongUse if there is none, Refused if they are not what was signed."""
    row = RulesInForce.objects.filter(pk=number).first()
    if row is None:
        raise WrongUse("no such rules were in force", where=f"{number}", advice="choose them in the list of versions")
    where = f"version {row.version}"
    signed = bytes(row.document)
    try:
        key = decode_sealed(signed, where).key
        raw, _signer = open_signed(signed, frozenset([key]), where)
        book = read_rules(raw, where)
    except WrongUse as error:
        raise Refused(error.what, where=error.where, advice=error.advice) from None
    if hashlib.sha256(raw).hexdigest() != row.digest:
        raise Refused("they are not what was put in force", where=where, advice="find out who changed the database")
    return Version(row, book, raw, key in load_trusted_keys(headquarters_folder() / APPROVERS))
