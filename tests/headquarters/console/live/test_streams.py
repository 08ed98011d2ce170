"""The stream of a page: what moved is said by name, to who is signed in, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import cast

import pytest
from allauth.mfa.models import Authenticator
from django.http import StreamingHttpResponse
from django.test import Client

from codered_hq.accounts.models import Account
from codered_hq.console.live import pulse as room
from codered_hq.console.live.pulse import PULSE
from codered_hq.console.live.streams import may_stay
from codered_hq.console.live.topics import TOPICS
from codered_hq.incidents.models import Person
from tests.fixtures.console_desk import make_viewer_client

LONG = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("PAUSE", "BETWEEN_DIGESTS", "GRACE", "BETWEEN_CHECKS"):
        monkeypatch.setattr(room, name, 0.01)
    yield
    PULSE.stop()


async def read_events(answer: StreamingHttpResponse, number: int) -> list[str]:
    """The names of so many events, or of those until the stream ends."""
    content = cast(AsyncIterator[bytes], answer.streaming_content)
    found: list[str] = []
    async with asyncio.timeout(LONG):
        async for part in content:
            found += [line.removeprefix("event: ") for line in part.decode().splitlines() if line.startswith("event: ")]
            if len(found) >= number:
                break
    await content.aclose()  # type: ignore[attr-defined]  # a generator, as servers close it
    return found


@pytest.mark.django_db(transaction=True)
def test_all_topics_first_then_nothing_for_who_has_seen_them() -> None:
    client = make_viewer_client("Nora")
    answer = cast(StreamingHttpResponse, client.get("/live/", secure=True))
    assert answer["Content-Type"] == "text/event-stream"
    assert answer["Cache-Control"] == "no-store"
    assert asyncio.run(read_events(answer, len(TOPICS))) == list(TOPICS)
    assert not PULSE._streams


@pytest.mark.django_db(transaction=True)
def test_ends_with_the_session() -> None:
    client = make_viewer_client("Nora")
    answer = cast(StreamingHttpResponse, client.get("/live/", secure=True))
    client.session.flush()
    assert asyncio.run(read_events(answer, 100))[-1] == "end"


@pytest.mark.django_db
def test_only_while_the_account_may_be_used() -> None:
    client = make_viewer_client("Nora")
    account = Account.objects.get()
    assert may_stay(client.session, account.pk)
    Account.objects.update(disabled_at=datetime.now(UTC))
    assert not may_stay(client.session, account.pk)
    Account.objects.update(disabled_at=None)
    for changed in ({"active": False}, {"console_since": None}):
        person = Person.objects.get()
        Person.objects.update(**changed)
        assert not may_stay(client.session, account.pk), changed
        person.save()
    factors = list(Authenticator.objects.all())
    Authenticator.objects.all().delete()
    assert not may_stay(client.session, account.pk)
    Authenticator.objects.bulk_create(factors)
    assert may_stay(client.session, account.pk)
    session = client.session
    client.logout()
    assert not may_stay(session, account.pk)


@pytest.mark.django_db
def test_refused_to_strangers_and_when_too_many_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/live/", secure=True).status_code == HTTPStatus.FOUND
    client = make_viewer_client("Nora")
    monkeypatch.setattr(room, "MOST_STREAMS", 0)
    answer = client.get("/live/", secure=True)
    assert (answer.status_code, answer["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "60")


@pytest.mark.django_db
def test_a_worker_that_is_dead_is_said() -> None:
    text = make_viewer_client("Nora").get("/live/worker/", secure=True).content.decode()
    assert "The worker is not running" in text
    assert 'hx-trigger="sse:worker"' in text
