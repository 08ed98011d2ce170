"""The crisis team on one page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from codered_hq.incidents.models import Call, Person
from tests.fixtures.hostile_texts import HOSTILE, check_escaped

pytestmark = pytest.mark.django_db


def test_roles_gaps_and_proofs(team: dict[str, Client]) -> None:
    Person.objects.create(name="Max", mail="max@corp.example")
    nora = Person.objects.get(name="Nora")
    Call.objects.create(person=nora, role="network", at=datetime.now(UTC) - timedelta(hours=1))
    page = team["Cora"].get("/roster/").content.decode()
    for words in (
        "13 of 13 roles have a gap", "✗ no backup", "NOBODY", "console since", "✗ nothing: no vote of his counts",
        "Give a role", "never answered",
    ):  # fmt: skip
        assert words in page, words
    page = team["Nora"].get("/roster/").content.decode()
    assert "Give a role" not in page
    assert "Only Cora, Edda may appoint" in " ".join(page.split())


@pytest.mark.parametrize("field", ["name", "mail", "phone", "account"])
def test_hostile_texts(team: dict[str, Client], field: str) -> None:
    Person.objects.filter(name="Nora").update(**{field: HOSTILE[:64] if field == "account" else HOSTILE})
    page = team["Cora"].get("/roster/").content.decode()
    assert "<script>alert" not in page
    if field != "name":
        check_escaped(page)
