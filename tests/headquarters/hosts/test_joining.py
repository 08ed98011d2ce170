"""Two hosts that were one: nothing is lost, nothing is twice."""

import pytest

from codered_hq.fleet.models import HostCase
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import begin_run
from codered_hq.fleet.views import view_run
from codered_hq.hosts.joining import join_hosts
from codered_hq.hosts.models import Host, Place
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import HOUR, NOW, make_host, record

pytestmark = pytest.mark.django_db


def test_everything_moves_to_the_kept_one() -> None:
    one = record(HostRecord(name="a", address="10.0.0.1", owner="x", tags=("t",), seen_at=NOW)).hosts[0]
    two = record(HostRecord(name="b", address="10.0.0.2", owner="x", tags=("u",), seen_at=NOW - HOUR)).hosts[0]
    two.state = "infected"
    two.save()
    Place.objects.create(host=two, mac="m", switch="s", port="1", first_seen=NOW, last_seen=NOW)
    HostCase.objects.create(host=two, opened_at=NOW)
    join_hosts(one.pk, two.pk)
    kept = Host.objects.get()
    assert (kept.pk, kept.state, kept.first_seen, kept.owner and kept.owner.name) == (
        one.pk,
        "infected",
        NOW - HOUR,
        "x",
    )
    assert sorted(kept.identifiers.values_list("value", flat=True)) == ["a", "b"]
    assert sorted(kept.addresses.values_list("address", flat=True)) == ["10.0.0.1", "10.0.0.2"]
    assert sorted(tag.name for tag in kept.tags.all()) == ["t", "u"]
    assert (kept.places.count(), kept.cases.count(), kept.claims.count()) == (1, 1, 1)


def test_what_both_have_is_kept_once_from_first_to_last() -> None:
    one = record(HostRecord(name="a", address="10.0.0.1", seen_at=NOW)).hosts[0]
    two = Host.objects.create(label="b", first_seen=NOW - HOUR, last_seen=NOW - HOUR)
    two.identifiers.create(kind="name", value="a", source="x", first_seen=NOW - HOUR, last_seen=NOW - HOUR)
    join_hosts(one.pk, two.pk)
    name = one.identifiers.get()
    assert (name.first_seen, name.last_seen) == (NOW - HOUR, NOW)


def test_of_two_rows_of_a_run_neither_outcome_is_lost() -> None:
    one, two, three = (make_host(name, f"10.0.0.{at}") for at, name in enumerate(("a", "b", "c"), 1))
    run = begin_run("scan", [one, two, three], Wish(), NOW)
    run.hosts.filter(host=one).update(state="answered", verdict="clean", exit_code=0)
    run.hosts.filter(host=two).update(state="given_up", reason="no route to host")
    run.hosts.filter(host=three).update(state="answered", verdict="infected", exit_code=1)
    join_hosts(one.pk, two.pk)
    kept = run.hosts.get(host=one)
    assert (kept.verdict, kept.exit_code, view_run(run).whole) == ("incomplete", 3, False)
    assert kept.reason == f"joined with #{two.pk}, which was not reached"
    join_hosts(one.pk, three.pk)
    row = run.hosts.get()
    assert (row.verdict, row.exit_code, view_run(run).whole) == ("infected", 1, False)
