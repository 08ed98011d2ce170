"""What would the rules answer?"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host, Tag
from tests.fixtures.console_desk import sign_in
from tests.fixtures.rules_in_force import put_sample_in_force
from tests.fixtures.spoken import HOSTILE, find_leaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(headquarters: Path) -> Client:
    put_sample_in_force(headquarters)
    return sign_in(Client(), None)


def _make_host(label: str, *tags: str) -> Host:
    at = datetime.now(UTC)
    host = Host.objects.create(label=label, first_seen=at, last_seen=at)
    host.tags.set([Tag.objects.get_or_create(name=tag)[0] for tag in tags])
    return host


def test_answers_with_rule_sentence_people_and_why_not_the_others(desk: Client) -> None:
    assert "Nothing is asked of the gate" in desk.get(reverse("whatif")).content.decode()
    asked = {"action": "isolate_host", "tags": ["vital"], "lasting": "2h"}
    page = desk.get(reverse("whatif"), asked).content.decode()
    for told in (
        "Yes, if these people say yes", "cut-vital", "executive + business", "(all different people)", "2 h 0 min",
        "cut-cap", "it is not tagged never_touch", "another rule comes before it",
    ):  # fmt: skip
        assert told in page
    drill = desk.get(reverse("whatif"), {"action": "patch", "drill": "on"}).content.decode()
    assert "This is a drill. Nothing real may be changed." in drill
    assert not Decision.objects.exists()


def test_a_real_host_is_asked_about_with_its_present_marks(desk: Client) -> None:
    host = _make_host("plc-7", "Never-Touch")
    page = desk.get(reverse("whatif"), {"action": "isolate_host", "hosts": "plc-7"}).content.decode()
    assert "Listed as never to be touched." in page
    assert "never_touch" in page
    assert f"#{host.pk}" in page or "plc-7" in page


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"action": "explode"}, "action"), ({"action": "scan", "at": "some day"}, "at"),
        ({"action": "scan", "lasting": "soon"}, "lasting"), ({"action": "scan", "tags": ["nothing"]}, "tags"),
    ],
)  # fmt: skip
def test_a_mistake_stands_beside_its_field(desk: Client, asked: dict[str, str | list[str]], field: str) -> None:
    answer = desk.get(reverse("whatif"), asked)
    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in answer.content.decode()


def test_a_tag_that_no_rule_knows_is_said_so(desk: Client) -> None:
    page = desk.get(reverse("whatif"), {"action": "scan", "tags": ["nothing"]}).content.decode()
    assert "nothing is no tag that the rules know" in page


def test_hostile_hosts_and_questions_are_only_text(desk: Client) -> None:
    host = _make_host(HOSTILE)
    page = desk.get(reverse("whatif"), {"action": "isolate_host", "hosts": f"#{host.pk}"}).content.decode()
    assert find_leaks(page) == []
    assert "&lt;script&gt;" in page
    wrong = desk.get(reverse("whatif"), {"action": "scan", "hosts": HOSTILE[:40], "at": HOSTILE[:40]})
    assert "<script>alert" not in wrong.content.decode()
