"""The ledger on its pages."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.writing import enter
from tests.fixtures.console_desk import sign_in
from tests.fixtures.spoken import HOSTILE, find_leaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return sign_in(Client(), None)


def _fill(number: int = 3) -> None:
    for each in range(number):
        enter("task", "Ann", f"task {each} done", datetime.now(UTC), incident="w", detail={"task": each})


def test_it_is_looked_through_by_kind_person_and_words(desk: Client) -> None:
    LedgerEntry.objects.all().delete()  # that he signed in
    assert "No entry yet" in desk.get(reverse("ledger")).content.decode()
    _fill(60)
    enter("vote", "Bob", "yes to port sw1", datetime.now(UTC))
    page = desk.get(reverse("ledger")).content.decode()
    assert "Showing 1–50 of 61 entries" in page
    assert "yes to port sw1" in page
    found = desk.get(reverse("ledger"), {"who": "ann", "q": "task 7", "kind": "task", "of": "w"}).content.decode()
    assert "Showing 1–1 of 1 entries" in found
    assert "No entries of this kind" in desk.get(reverse("ledger"), {"of": "other"}).content.decode()
    one = desk.get(reverse("ledger-entry", args=[8])).content.decode()
    assert "&quot;task&quot;: 7" in one
    assert LedgerEntry.objects.get(seq=8).signature in one
    assert desk.get(reverse("ledger-entry", args=[99])).status_code == 400


def test_it_is_proved_and_what_was_changed_is_found(desk: Client) -> None:
    _fill()
    head = LedgerEntry.objects.get(seq=2).hash
    good = desk.post(reverse("ledger-verify"), {"head": head.upper()}).content.decode()
    assert "As it was sealed" in good
    assert " is in it" in good
    assert "cut off" in desk.post(reverse("ledger-verify"), {"head": "0" * 64}).content.decode()
    assert desk.post(reverse("ledger-verify"), {"head": "x"}).status_code == 400
    assert desk.get(reverse("ledger-verify")).status_code == 405
    LedgerEntry.objects.filter(seq=2).update(what="nothing happened")
    bad = desk.post(reverse("ledger-verify")).content.decode()
    assert "does NOT hold together" in bad
    assert "entry 2" in bad


def test_it_is_taken_away_whole(desk: Client) -> None:
    _fill()
    answer = desk.get(reverse("ledger-file"))
    numbers = [json.loads(line)["seq"] for line in answer.content.splitlines()]
    assert numbers == list(range(1, LedgerEntry.objects.count() + 1))
    assert answer["Content-Disposition"].startswith("attachment")


def test_hostile_text_is_only_text(desk: Client) -> None:
    made = enter("task", HOSTILE, HOSTILE, datetime.now(UTC), incident=HOSTILE, detail={HOSTILE: HOSTILE})
    for answer in (
        desk.get(reverse("ledger")), desk.get(reverse("ledger-entry", args=[made.seq])),
        desk.get(reverse("ledger"), {"q": "<script>alert(1)", "who": "<img src=x", "of": "<img src=x"}),
    ):  # fmt: skip
        assert find_leaks(answer.content.decode()) == []
    LedgerEntry.objects.update(body="{broken" + HOSTILE)
    assert find_leaks(desk.get(reverse("ledger-entry", args=[made.seq])).content.decode()) == []
    assert find_leaks(desk.post(reverse("ledger-verify")).content.decode()) == []
