"""Marking by hand."""

import pytest

from codered_hq.hosts.models import Host
from tests.fixtures.inventories import make_host
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_only_the_hosts_that_are_meant(say: Say) -> None:
    make_host("a", "10.1.0.1", owner="shop")
    make_host("b", "10.1.0.2", owner="ops")
    assert say("hosts", "tag", "--owner", "shop", "--add", "web", "--set-system", "Windows 2000").code == 0
    assert [(host.label, host.system, host.tags.count()) for host in Host.objects.order_by("label")] == [
        ("a", "Windows 2000", 1), ("b", "", 0),
    ]  # fmt: skip
    assert "no such owner" in say("hosts", "tag", "--owner", "nobody", "--add", "web").err
    assert "no host fits" in say("hosts", "tag", "--state", "infected", "--add", "web").err
    answer = say("hosts", "tag", "a", "--add", "web", "--remove", "web")
    assert (answer.code, "is to be added and removed" in answer.err) == (2, True)
