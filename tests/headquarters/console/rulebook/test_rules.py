"""The rules on their pages."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.console.rulebook.rules import find_review_end
from codered_hq.gate.asking import ask
from codered_hq.gate.models import RulesInForce
from codered_hq.gate.rules_in_force import APPROVERS
from codered_hq.rules.reading import read_rules
from tests.fixtures.console_desk import sign_in
from tests.fixtures.gate_crew import ASKER, machine, wish
from tests.fixtures.rules_in_force import put_sample_in_force, write_lax_rules
from tests.fixtures.spoken import HOSTILE, find_leaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return sign_in(Client(), None)


def test_without_rules_it_says_how_they_come_in_force(desk: Client) -> None:
    page = desk.get(reverse("rules")).content.decode()
    assert "only looking is allowed" in page
    assert "codered rules use" in page
    assert desk.get(reverse("rules-card")).status_code == 400


def test_card_caps_text_and_why_they_change_at_the_shell_alone(desk: Client, headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=2)
    ask(wish(machine(1), at=datetime.now(UTC)), {}, ASKER)
    page = desk.get(reverse("rules")).content.decode()
    for told in (
        "Erika Example (executive) on 2026-01-01", "executive + business, 4h", "1 of 2</strong> machines counted",
        "Listed as never to be touched.", "this console has no such key", "cut-vital", "version 1",
    ):  # fmt: skip
        assert told in page
    card = desk.get(reverse("rules-card"))
    assert (card.content[:4], card["Content-Disposition"]) == (b"%PDF", 'attachment; filename="rules-1-card.pdf"')
    row = RulesInForce.objects.get()
    assert desk.get(reverse("rules-file", args=[row.pk])).content == write_lax_rules(1, 2)


def test_past_the_review_date_it_is_red(desk: Client, headquarters: Path) -> None:
    old = write_lax_rules().replace(b"2099-12-31", b"2026-01-10")
    put_sample_in_force(headquarters, old)
    page = desk.get(reverse("rules")).content.decode()
    assert "Past their review date." in page
    book = read_rules(old, "rules")
    assert find_review_end(book) == datetime(2026, 1, 11, tzinfo=UTC)
    assert find_review_end(book) - timedelta(days=1) == datetime(2026, 1, 10, tzinfo=UTC)


def test_what_a_version_changed_laxer_first(desk: Client, headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=2)
    laxer = write_lax_rules(2, 50).replace(b"needs: [executive, business]", b"needs: [executive]")
    put_sample_in_force(headquarters, laxer, at=datetime.now(UTC) - timedelta(minutes=1))
    first, second = RulesInForce.objects.order_by("pk")
    page = desk.get(reverse("rules-version", args=[second.pk])).content.decode()
    assert "What is new against version 1" in page
    assert "laxer" in page
    assert "rule cut-cap: changed" in page
    assert '<span class="removed">' in page
    alone = desk.get(reverse("rules-version", args=[first.pk])).content.decode()
    assert "there is nothing to compare with" in alone
    turned = desk.get(reverse("rules-version", args=[first.pk]), {"against": second.pk}).content.decode()
    assert "What is new against version 2" in turned
    assert desk.get(reverse("rules-version", args=[99])).status_code == 400


def test_rules_that_cannot_be_believed_are_not_shown_as_rules(desk: Client, headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    (headquarters / APPROVERS / "test-approver.pub").unlink()
    page = desk.get(reverse("rules")).content.decode()
    assert "is not trusted here" in page
    assert "Who must say yes" not in page
    version = desk.get(reverse("rules-version", args=[RulesInForce.objects.get().pk])).content.decode()
    assert "who may not approve rules any more" in version
    assert desk.get(reverse("whatif")).status_code == 403


@pytest.mark.parametrize("field", ["title", "why", "name", "comment", "put_by", "signer"])
def test_hostile_text_is_only_text(desk: Client, headquarters: Path, field: str) -> None:
    spoiled = "'<script>alert(1)</script><img src=x onerror=alert(2)>'"
    texts = {
        "title": ("Rules of a test", spoiled), "why": ("Listed as never to be touched.", spoiled),
        "name": ("Erika Example", spoiled), "comment": ("groups:\n", f"groups:  # {spoiled}\n"),
    }  # fmt: skip
    raw = write_lax_rules().decode().replace(*texts[field]) if field in texts else write_lax_rules().decode()
    put_sample_in_force(headquarters, raw.encode())
    if field not in texts:
        RulesInForce.objects.update(**{field: HOSTILE[:60]})
    for address in (reverse("rules"), reverse("rules-version", args=[RulesInForce.objects.get().pk])):
        page = desk.get(address).content.decode()
        assert find_leaks(page) == []
        assert "&lt;script&gt;" in page or field == "put_by"
