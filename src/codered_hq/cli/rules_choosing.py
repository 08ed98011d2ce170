"""Which rules are meant: those of a file, signed or not, or those in force."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from codered.cli.output import say
from codered.model.errors import WrongUse
from codered.packs.strict_yaml import read_bytes, show_path
from codered.signing.keys import name_key
from codered.signing.sealing import decode_sealed
from codered_hq.cli.entering import enter_headquarters
from codered_hq.rules.book import RuleBook
from codered_hq.rules.reading import read_rules
from codered_hq.rules.signing import open_signed

MOST_SIGNED: Final = 4 << 20
SIGNED: Final = ".signed"


class Chosen(NamedTuple):
    """Rules, and the bytes that they were read from."""

    book: RuleBook
    raw: bytes


def choose_rules(file: str) -> Chosen:
    """The rules of this file, or those in force for "". Raises WrongUse; for signed ones that were changed, Refused."""
    if not file:
        return _find_in_force()
    path = Path(file)
    if file.endswith(SIGNED):
        return _open_signed_file(path)
    raw = read_bytes(path)
    return Chosen(read_rules(raw, show_path(path)), raw)


def _open_signed_file(path: Path) -> Chosen:
    """Whoever signed them: they are only looked at."""
    signed = read_bytes(path, MOST_SIGNED)
    key = decode_sealed(signed, show_path(path)).key
    raw, _ = open_signed(signed, frozenset([key]), show_path(path))
    say(f"codered: signed by {name_key(key)}; whether that key may approve rules is asked by codered rules use")
    return Chosen(read_rules(raw, show_path(path)), raw)


def _find_in_force() -> Chosen:
    headquarters = enter_headquarters()
    from codered.signing.keys import load_trusted_keys
    from codered_hq.gate.models import RulesInForce
    from codered_hq.gate.rules_in_force import APPROVERS, find_rules

    found = find_rules(datetime.now(UTC))
    row = RulesInForce.objects.filter(digest=found.digest).order_by("-pk").first() if found else None
    if found is None or row is None:
        advice = "name a file, or put rules in force: codered rules sign FILE, codered rules use FILE.signed"
        raise WrongUse("no rules are in force", where="rules", advice=advice)
    raw, _ = open_signed(bytes(row.document), load_trusted_keys(headquarters.folder / APPROVERS), "the rules in force")
    return Chosen(found.book, raw)
