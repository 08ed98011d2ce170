"""Whatever is changed in the database is found, and the first wrong entry named."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import F

from codered.signing.chaining import encode_canonical, seal_entry
from codered.signing.keys import load_private_key, make_key
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import EARLIER, find_head, iterate_lines, verify_ledger
from codered_hq.ledger.writing import FORMAT, enter

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def fill() -> list[LedgerEntry]:
    kinds = ("incident", "decision", "vote", "action", "undo")
    return [
        enter(kind, "ann", f"step {one}", NOW + timedelta(minutes=one), incident="red" if one else "")
        for one, kind in enumerate(kinds)
    ]


def test_a_ledger_that_holds() -> None:
    assert (find_head(), verify_ledger().problem) == (None, "")
    assert verify_ledger("0" * 64).problem.startswith("no entry has the hash")
    entries = fill()
    verdict = verify_ledger(entries[2].hash)
    assert (verdict.entries, verdict.head, verdict.problem, len(verdict.signers)) == (5, entries[4].hash, "", 1)
    assert find_head() == (5, entries[4].hash)
    lines = [json.loads(line) for line in iterate_lines()]
    assert [line["hash"] for line in lines] == [one.hash for one in entries]


@pytest.mark.parametrize("column", ["kind", "incident", "who", "what", "prev", "key", "hash", "signature", "at"])
def test_every_changed_column_is_found(column: str) -> None:
    entry = fill()[2]
    other = {"at": NOW, "prev": "1" * 64, "key": "2" * 64, "hash": "3" * 64, "signature": "4" * 128}
    LedgerEntry.objects.filter(seq=3).update(**{column: other.get(column, "x")})
    verdict = verify_ledger()
    assert (verdict.entries, verdict.problem[:9]) == (2, "entry 3: "), entry


def test_every_changed_body_missing_and_swapped_entry_is_found() -> None:
    entry = fill()[2]
    for body in (
        entry.body.replace("step 2", "step 3"), " " + entry.body, "{}", "[]", "x", "[" * 100_000,
        entry.body.replace("ledger/1", "ledger/2"), entry.body.replace("}", ',"x":1}', 1),
    ):  # fmt: skip
        LedgerEntry.objects.filter(seq=3).update(body=body)
        assert verify_ledger().problem.startswith("entry 3: ")
    LedgerEntry.objects.filter(seq=3).update(body=entry.body)
    assert verify_ledger().problem == ""
    last = LedgerEntry.objects.get(seq=5)
    last.delete()
    assert verify_ledger().problem == ""  # the cut end shows by a published head alone
    assert "cut off" in verify_ledger(last.hash).problem
    LedgerEntry.objects.filter(seq=3).delete()
    assert verify_ledger().problem.startswith("entry 3: ")
    LedgerEntry.objects.filter(seq=4).update(seq=F("seq") - 1)
    assert verify_ledger().problem.startswith("entry 3: does not follow") or "columns" in verify_ledger().problem


def seal_again(rows: list[LedgerEntry], key: Ed25519PrivateKey, before: str) -> str:
    """Sign these entries with this key, one after the other; the hash of the last."""
    for row in rows:
        body = json.loads(row.body) | {"prev": before}
        body.pop("key")
        sealed = seal_entry(body, key, FORMAT)
        row.prev, row.key = before, sealed["key"]
        row.hash, row.signature = sealed.pop("hash"), sealed.pop("signature")
        row.body, before = encode_canonical(sealed).decode(), row.hash
        row.save()
    return before


def test_a_ledger_that_another_key_signed_is_wrong_unless_it_was_headquarters_own_before(headquarters: Path) -> None:
    rows = fill()
    other, own = make_key(headquarters / "other.key"), load_private_key(headquarters / "keys" / "headquarters.key")
    middle = seal_again(rows[:3], other, rows[0].prev)
    seal_again(rows[3:], own, middle)
    assert verify_ledger().problem.startswith("entry 1: was signed by a key that is not headquarters' own, ed25519:")
    (headquarters / EARLIER).mkdir()
    (headquarters / EARLIER / "before.pub").write_bytes((headquarters / "other.key.pub").read_bytes())
    verdict = verify_ledger()
    assert (verdict.problem, len(verdict.signers)) == ("", 2)
    seal_again(rows[4:], other, rows[3].hash)
    assert verify_ledger().problem == "entry 5: was signed by an earlier key after the present one was in use"
