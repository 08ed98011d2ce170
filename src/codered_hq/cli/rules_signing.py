"""`codered rules sign` and `use`: under the approver's signature, and in force."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from codered.cli.output import check_place, say, write_whole
from codered.model.errors import ExitCode, Refused, WrongUse
from codered.packs.strict_yaml import read_bytes, show_path
from codered.signing.keys import load_private_key, load_trusted_keys, make_key, name_key, public_bytes
from codered_hq.cli.entering import enter_headquarters
from codered_hq.cli.rules_checking import tell_tried, tell_violation
from codered_hq.cli.rules_choosing import MOST_SIGNED, SIGNED
from codered_hq.cli.speaking import find_speaker
from codered_hq.config import APPROVERS_FOLDER, headquarters_folder
from codered_hq.rules.book import RuleBook
from codered_hq.rules.proving import prove
from codered_hq.rules.reading import read_rules
from codered_hq.rules.samples import PLACEHOLDER, has_placeholder
from codered_hq.rules.signing import open_signed, sign_rules
from codered_hq.rules.trying import try_examples


def sign(given: dict[str, Any]) -> int:
    """Sign the rules of a file that passes its check and its test."""
    path, key_path = Path(given["file"]), Path(given["key_file"])
    output = given["output"] or given["file"] + SIGNED
    if not output.endswith(SIGNED):
        raise WrongUse(f"signed rules end in {SIGNED}", where=output, advice=f"name a file that ends in {SIGNED}")
    check_place(output)
    raw = read_bytes(path)
    book = read_rules(raw, show_path(path))
    _refuse_bad(book, show_path(path))
    if given["make_key"] and not key_path.exists():
        key = make_key(key_path)
        say(f"codered: made the key {key_path}; keep it, and hand out {key_path}.pub")
    else:
        key = load_private_key(key_path)
    write_whole(output, sign_rules(raw, key).decode())
    say(f"codered: version {book.version} ({book.digest[:16]}…) signed by {name_key(public_bytes(key))}: {output}")
    _tell_trust(public_bytes(key), key_path)
    say(f"codered: next, at headquarters: codered rules use {output}")
    return ExitCode.CLEAN


def use(given: dict[str, Any]) -> int:
    """Put signed rules in force."""
    headquarters = enter_headquarters()
    from codered_hq.gate.rules_in_force import APPROVERS, put_in_force
    from codered_hq.incidents.appointing import check_appointer

    path, speaker, now = Path(given["file"]), find_speaker(given), datetime.now(UTC)
    check_appointer(speaker.person, speaker.name, "codered rules use", now)
    signed = read_bytes(path, MOST_SIGNED)
    folder = headquarters.folder / APPROVERS
    keys = load_trusted_keys(folder)
    if not keys:
        raise Refused(
            "no approver is known", where=str(folder), advice="put the public keys (*.pub) of approvers there"
        )
    raw, signer = open_signed(signed, keys, show_path(path))
    _refuse_bad(read_rules(raw, show_path(path)), show_path(path))
    force = put_in_force(signed, keys, speaker.name, now)
    say(f"codered: version {force.version} ({force.digest[:16]}…), signed by {signer}, is in force")
    return ExitCode.CLEAN


def _tell_trust(public: bytes, key_path: Path) -> None:
    """What is signed by a key that nobody trusts can't be used: better known now than in the outbreak."""
    approvers = headquarters_folder() / APPROVERS_FOLDER
    if public not in load_trusted_keys(approvers):
        say(f"codered: no headquarters here trusts this key yet: put {key_path}.pub into {approvers}")


def _refuse_bad(book: RuleBook, where: str) -> None:
    """Whoever signs or uses rules relies on what they promise, and on who answers for them. Raises Refused."""
    if has_placeholder(book):
        advice = "write who answers for these rules into approved_by"
        raise Refused(f"nobody has approved them: approved_by is still {PLACEHOLDER}", where=where, advice=advice)
    if violations := prove(book):
        what = f"a promise is broken: {tell_violation(violations[0])}"
        raise Refused(what, where=where, advice="codered rules check tells all of them")
    tried = try_examples(book)
    if told := tell_tried(book, tried):
        raise Refused(
            f"the examples do not hold: {told[0]}", where=where, advice="codered rules test tells all of them"
        )
