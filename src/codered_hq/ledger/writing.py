"""Entering what was decided or done. An entry is in the transaction of what it tells of: both are there, or none."""

import hashlib
import json
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Literal, TypedDict, Unpack, get_args

import msgspec
from django.db import connection, transaction

from codered.signing.chaining import NOTHING, encode_canonical, seal_entry
from codered_hq.hosts.models import TEXT
from codered_hq.ledger.models import LedgerEntry
from codered_hq.opening import be_patient, find_key

FORMAT: Final = "codered/ledger/1"
EntryKind = Literal[
    "rules", "decision", "vote", "glass", "action", "undo", "failed", "incident", "roster", "task", "treatment",
    "evidence", "message", "rumour", "lesson", "notice", "handover", "console", "review", "marking",
]  # fmt: skip
ENTRY_KINDS: Final[tuple[str, ...]] = get_args(EntryKind)
MOST_SENTENCE = 4_096  # characters
MOST_DETAIL = 1 << 20  # bytes; of what is larger its hash stands in the chain
_LOCK = int.from_bytes(hashlib.sha256(FORMAT.encode()).digest()[:8], signed=True)


class About(TypedDict, total=False):
    """What else an entry tells: the `incident` that it is of, and `detail`."""

    incident: str
    detail: dict[str, Any] | None


def enter(kind: str, who: str, what: str, at: datetime, **about: Unpack[About]) -> LedgerEntry:
    """Enter one sentence for people and its `detail` (what JSON can hold, times and structs too), within the caller's
    transaction if there is one. `at` is aware; in the chain time never runs backwards, so an entry whose clock was
    behind gets the time of the one before, and its own as detail `clock`. Enter last in a transaction: all others wait
    for its end. Raises ValueError, WrongUse.
    """
    if kind not in ENTRY_KINDS:
        raise ValueError(f"no kind of entry: {kind}")
    if at.utcoffset() is None:
        raise ValueError("a time without a zone")
    fields = {
        "format": FORMAT, "kind": kind, "who": _clean(who, TEXT), "what": _clean(what, MOST_SENTENCE),
        "incident": _clean(about.get("incident", ""), TEXT), "detail": _make_plain(about.get("detail") or {}),
    }  # fmt: skip
    return be_patient(partial(_append, fields, at.astimezone(UTC)))


def show_moment(at: datetime) -> str:
    """A time as it stands in the ledger: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _append(fields: dict[str, Any], at: datetime) -> LedgerEntry:
    with transaction.atomic():
        take_turn()
        last = LedgerEntry.objects.order_by("-seq").only("seq", "hash", "at").first()
        if last is not None and last.at > at:
            fields = fields | {"detail": fields["detail"] | {"clock": show_moment(at)}}
            at = last.at
        seq, prev = (last.seq + 1, last.hash) if last else (1, NOTHING)
        sealed = seal_entry(fields | {"seq": seq, "prev": prev, "at": show_moment(at)}, find_key(), FORMAT)
        proof = {name: sealed[name] for name in ("seq", "prev", "kind", "incident", "who", "what", "key")}
        proof |= {"hash": sealed.pop("hash"), "signature": sealed.pop("signature")}
        return LedgerEntry.objects.create(at=at, body=encode_canonical(sealed).decode(), **proof)


def take_turn() -> None:
    """Enter one at a time until the transaction ends; only within one. On SQLite it is so already: a transaction
    begins with the lock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _make_plain(detail: dict[str, Any]) -> dict[str, Any]:
    """As it will be read again: names are texts, times too. What is too large is named by its hash."""
    text = json.dumps(msgspec.to_builtins(detail, str_keys=True), allow_nan=False)
    plain: dict[str, Any] = json.loads(text)
    raw = encode_canonical(plain)
    if len(raw) > MOST_DETAIL:
        return {"left_out": "too large", "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    return plain


def _clean(text: str, most: int) -> str:
    """Text that every database takes."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")[:most]
