"""A topic's digest is another one as soon as something of it has changed, and only then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from codered_hq.console.live.topics import TOPICS, Look
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Incident, Message, Task
from codered_hq.ledger.writing import enter
from tests.fixtures.console_desk import make_person
from tests.fixtures.inventories import document_subnets
from tests.fixtures.large_incidents import make_large_incident

pytestmark = pytest.mark.django_db


def digest_all() -> dict[str, object]:
    look = Look()
    return {topic: look.digest(topic) for topic in TOPICS}


def find_moved(change: Callable[[], object]) -> set[str]:
    before = digest_all()
    change()
    now = digest_all()
    return {topic for topic in TOPICS if before[topic] != now[topic]}


@pytest.fixture
def incident() -> Incident:
    return make_large_incident(50, datetime.now(UTC))


def test_what_moves(incident: Incident) -> None:
    at = datetime.now(UTC)
    assert find_moved(lambda: None) == set()
    infect = Host.objects.filter(state="unknown")[:1]
    assert find_moved(lambda: Host.objects.filter(pk__in=infect.values("pk")).update(state="infected")) == {
        "hosts",
        "numbers",
    }
    free = Task.objects.filter(state="open")[:1]
    assert find_moved(lambda: Task.objects.filter(pk__in=free.values("pk")).update(state="claimed")) == {"tasks"}
    assert find_moved(lambda: make_person("Nora", "executive", incident=incident)) == {"incident"}
    assert find_moved(lambda: enter("message", "Nora", "said", at)) == {"timeline", "messages"}
    assert find_moved(lambda: Decision.objects.filter(state="awaiting").update(state="vetoed")) == {
        "waiting",
        "numbers",
    }
    assert find_moved(lambda: document_subnets("10.9.0.0/24")) == {"coverage", "numbers"}
    assert "incident" in find_moved(lambda: Incident.objects.update(next_report_at=at + timedelta(hours=2)))
    draft = Message(incident=incident, audience="staff", subject="x", body="y", author="Nora", written_at=at)
    assert find_moved(draft.save) == {"messages"}


def test_one_look_asks_once(incident: Incident, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    look = Look()
    first = look.digest("numbers")
    with django_assert_num_queries(0):
        assert look.digest("numbers") == first
        look.digest("hosts")
        look.digest("coverage")
