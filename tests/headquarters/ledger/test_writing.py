"""Entries follow each other without a gap, whoever writes, and carry what they were given."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from codered.signing.chaining import NOTHING
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import read_detail, verify_ledger
from codered_hq.ledger.writing import ENTRY_KINDS, MOST_DETAIL, enter
from codered_hq.model.action import Subject
from tests.fixtures.postgresql_server import running_postgresql

NOW = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
RACE = """
import sys
from datetime import UTC, datetime
from codered_hq.opening import open_headquarters
open_headquarters()
from django.db import transaction
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.reading import verify_ledger
from codered_hq.ledger.writing import enter
for number in range(20):
    with transaction.atomic():
        LedgerEntry.objects.count()
        enter("action", sys.argv[1], f"step {number}", datetime.now(UTC))
verdict = verify_ledger()
print(verdict.entries, verdict.problem)
"""


@pytest.mark.django_db
def test_entries_follow_each_other() -> None:
    first = enter("incident", "ann", "Declared", NOW, incident="red", detail={"packs": ["a"], "at": NOW, "x": {7: 1.5}})
    second = enter("vote", "bob", "Yes\0\udc80", (NOW + timedelta(hours=1)).astimezone(timezone(timedelta(hours=9))))
    assert (first.seq, first.prev, second.seq, second.prev) == (1, NOTHING, 2, first.hash)
    assert (second.what, second.at) == ("Yes\\x00\\udc80", NOW + timedelta(hours=1))
    assert read_detail(first) == {"packs": ["a"], "at": "2026-03-01T12:00:00.000005Z", "x": {"7": 1.5}}
    body = json.loads(first.body)
    assert sorted(body) == ["at", "detail", "format", "incident", "key", "kind", "prev", "seq", "what", "who"]
    assert (body["format"], body["at"], body["incident"]) == ("codered/ledger/1", "2026-03-01T12:00:00.000005Z", "red")
    verdict = verify_ledger()
    assert (verdict.entries, verdict.head, verdict.problem) == (2, second.hash, "")


@pytest.mark.django_db
def test_a_clock_that_was_set_back_does_not_turn_the_chain_around() -> None:
    enter("task", "ann", "one", NOW)
    late = enter("task", "ann", "two", NOW - timedelta(days=1), detail={"x": 1})
    assert (late.at, read_detail(late)) == (NOW, {"x": 1, "clock": "2026-02-28T12:00:00.000005Z"})
    assert enter("task", "ann", "three", NOW + timedelta(seconds=1)).at > late.at
    assert verify_ledger().problem == ""


@pytest.mark.django_db
def test_what_can_not_be_entered_is_said_and_what_is_too_large_is_named_by_its_hash() -> None:
    cases: list[tuple[str, datetime, dict[str, Any]]] = [
        ("gossip", NOW, {}), ("task", NOW.replace(tzinfo=None), {}), ("task", NOW, {"x": 1e999}),
    ]  # fmt: skip
    for kind, at, detail in cases:
        with pytest.raises(ValueError):
            enter(kind, "ann", "x", at, detail=detail)
    assert not LedgerEntry.objects.exists()
    entry = enter("task", "a" * 999, "w" * 9999, NOW, detail={"x": "y" * MOST_DETAIL})
    assert (len(entry.who), len(entry.what)) == (255, 4096)
    assert (read_detail(entry)["left_out"], read_detail(entry)["bytes"]) == ("too large", MOST_DETAIL + 8)
    kept = enter("decision", "ann", "x", NOW, detail={"who": Subject(host=1, name="a\udcff")})
    assert read_detail(kept)["who"]["name"] == "a\udcff"
    assert verify_ledger().problem == ""
    assert len(set(ENTRY_KINDS)) == 20


@pytest.mark.django_db
def test_an_entry_is_gone_with_its_transaction() -> None:
    with transaction.atomic():
        enter("action", "ann", "undone", NOW)
        transaction.set_rollback(True)
    assert not LedgerEntry.objects.exists()
    assert enter("action", "ann", "done", NOW).seq == 1


def race(environment: dict[str, str]) -> list[str]:
    """Two processes write at once; how many entries each finds in the end, and what is wrong."""
    words = [sys.executable, "-c", RACE]
    writers = [
        subprocess.Popen([*words, f"writer{one}"], env=environment, stdout=subprocess.PIPE, text=True)
        for one in range(2)
    ]
    return sorted(one.communicate(timeout=60)[0].strip() for one in writers)


def test_writers_at_once_leave_no_gap_on_either_database(headquarters: Path) -> None:
    environment = {**os.environ, "CODERED_HQ": str(headquarters)}
    assert race(environment)[-1] == "40"  # who ends last sees all, and nothing wrong
    with running_postgresql() as url:
        assert race(environment | {"CODERED_HQ_DATABASE": url})[-1] == "40"
