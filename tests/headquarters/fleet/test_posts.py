"""Posts taken together: each for itself, whole or not at all (who may post: api/test_ingesting)."""

import hashlib
from datetime import UTC, datetime

import msgspec
import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.fleet.cases import advance
from codered_hq.fleet.models import StoredFinding
from codered_hq.fleet.posts import NumberTaken, Posted, Sender, Taken, find_refusal, take_posts
from codered_hq.hosts.models import Host
from codered_hq.hosts.suspicion import note_suspicion
from codered_hq.model.posting import Post
from tests.fixtures.api_callers import Agent, make_body

pytestmark = pytest.mark.django_db


def posted(body: bytes, sender: Sender) -> Posted:
    post = msgspec.json.decode(body, type=Post)
    return Posted(sender, post, hashlib.sha256(body).hexdigest(), datetime.now(UTC))


def test_one_that_is_refused_keeps_no_other_from_being_taken() -> None:
    good, bad = Sender("web01", Agent("web01").row, 1), Sender("siem")
    taken, refused, again = take_posts(
        [posted(make_body("/x"), good), posted(make_body(address="10.1"), bad), posted(make_body("/y"), good)]
    )
    assert isinstance(taken, Taken)
    assert isinstance(refused, WrongUse)
    assert isinstance(again, NumberTaken)
    assert list(StoredFinding.objects.values_list("subject", flat=True)) == ["/x"]


def test_a_whole_clean_look_of_its_own_moves_a_cured_host_on() -> None:
    agent, now = Agent("web01").row, datetime.now(UTC)
    take_posts([posted(make_body("/x"), Sender("web01", agent, 1))])
    host = Host.objects.get()
    advance(host, "cleaned", now, "x")
    advance(host, "verified", now, "x")
    take_posts([posted(make_body(), Sender("web01", agent, 2))])
    host.refresh_from_db()
    assert (host.state, StoredFinding.objects.filter(gone_at=None).count()) == ("watch", 0)


def test_no_post_settles_what_was_seen_from_outside() -> None:
    agent, now = Agent("web01").row, datetime.now(UTC)
    take_posts([posted(make_body(address="10.0.0.9"), Sender("web01", agent, 1))])
    host = Host.objects.get()
    advance(host, "suspect", now, "sweep 1")
    note_suspicion(host, "10.0.0.9")
    take_posts([posted(make_body(address="10.0.0.9"), Sender("web01", agent, 2))])  # it only says that this is its own
    host.refresh_from_db()
    assert (host.state, host.suspected_at) == ("suspect", ["10.0.0.9"])


def test_a_name_that_is_everybodys_is_none() -> None:
    (answer,) = take_posts([posted(make_body(name="localhost"), Sender("siem"))])
    assert (isinstance(answer, WrongUse), Host.objects.count()) == (True, 0)


def test_why_a_number_is_not_taken() -> None:
    agent = Agent("a").row
    assert isinstance(find_refusal(agent, 1), Refused)  # it is free: then the key was revoked
    assert isinstance(find_refusal(agent, 0), NumberTaken)
