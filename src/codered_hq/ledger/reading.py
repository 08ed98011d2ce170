"""Reading the ledger, and proving that it holds together."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from codered.signing.chaining import BROKEN, NOTHING, encode_canonical, judge_entry
from codered.signing.keys import load_trusted_keys, name_key, public_bytes
from codered_hq.config import headquarters_folder
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.writing import FORMAT, show_moment
from codered_hq.opening import find_key

EARLIER = "keys/earlier"
"""In the folder of headquarters: public keys (`*.pub`) of its own that it signed the ledger with before."""
_CHUNK = 2_000
_COLUMNS = ("seq", "prev", "kind", "incident", "who", "what", "key")


class Head(NamedTuple):
    """The newest entry: its number and hash. Whoever knows them can prove that nothing before it was changed."""

    seq: int
    hash: str


class LedgerVerdict(NamedTuple):
    """What a walk along the chain found: how many entries hold, the `head`, who signed (names of keys), and the first
    entry that is wrong, in words ("" = none).
    """

    entries: int
    head: str
    signers: tuple[str, ...]
    problem: str


def find_head() -> Head | None:
    """The newest entry; None if there is none yet."""
    row = LedgerEntry.objects.order_by("-seq").values_list("seq", "hash").first()
    return Head(*row) if row else None


def read_detail(entry: LedgerEntry) -> dict[str, Any]:
    """What an entry tells besides its sentence."""
    detail: dict[str, Any] = json.loads(entry.body)["detail"]
    return detail


def verify_ledger(head: str = "") -> LedgerVerdict:
    """Walk the chain in the database up to the first wrong entry; one that another key than headquarters' own signed
    is wrong, too. `head` is a hash that was published, and must be in it. Raises WrongUse for keys that can't be read.
    """
    before, number, signers, seen = NOTHING, 0, set[str](), not head
    own = public_bytes(find_key()).hex()
    trusted = {own} | {key.hex() for key in load_trusted_keys(headquarters_folder() / EARLIER)}
    latest: datetime | None = None
    for number, row in enumerate(LedgerEntry.objects.order_by("seq").iterator(_CHUNK), 1):
        problem = _judge_row(row, number, before)
        if not problem and row.key not in trusted:
            problem = f"was signed by a key that is not headquarters' own, {name_key(bytes.fromhex(row.key))}"
        if not problem and row.key != own and name_key(bytes.fromhex(own)) in signers:
            problem = "was signed by an earlier key after the present one was in use"
        if not problem and latest and row.at < latest:
            problem = "its time is before that of the one before it"
        if problem:
            return LedgerVerdict(number - 1, before, tuple(sorted(signers)), f"entry {number}: {problem}")
        before, latest = row.hash, row.at
        seen = seen or before == head
        signers.add(name_key(bytes.fromhex(row.key)))
    problem = "" if seen else "no entry has the hash that was published: cut off, or all of it replaced"
    return LedgerVerdict(number, before, tuple(sorted(signers)), problem)


def iterate_lines() -> Iterator[str]:
    """The whole ledger as JSON lines (codered/ledger/1), as `codered evidence verify` reads it."""
    for row in LedgerEntry.objects.order_by("seq").iterator(_CHUNK):
        proof = {"hash": row.hash, "signature": row.signature}
        yield encode_canonical(json.loads(row.body) | proof).decode() + "\n"


def _judge_row(row: LedgerEntry, number: int, before: str) -> str:
    try:
        body = json.loads(row.body)
        if encode_canonical(body).decode() != row.body or body["format"] != FORMAT:
            return "was rewritten"
        problem = judge_entry(body | {"hash": row.hash, "signature": row.signature}, number, before, FORMAT)
        if problem:
            return problem
        shown = {name: getattr(row, name) for name in _COLUMNS} | {"at": show_moment(row.at)}
        wrong = [name for name, value in shown.items() if body[name] != value]
    except BROKEN:
        return "can't be read"
    return f"its columns say something else than what was signed: {', '.join(wrong)}" if wrong else ""
