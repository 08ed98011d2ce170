"""What may be scheduled; what is due is tested with the queue."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.fleet.cases import advance
from codered_hq.fleet.models import Schedule
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.queue import work_queue
from codered_hq.fleet.running import begin_run, carry_on
from codered_hq.fleet.schedules import Wanted, add_schedule, begin_due
from codered_hq.fleet.views import view_run
from codered_hq.hosts.finding import Selection
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, now, quiet

pytestmark = pytest.mark.django_db
WATCH = timedelta(hours=72)


def test_what_can_t_be_scheduled_and_a_watch_that_is_over(tmp_path: Path) -> None:
    good = Wanted(word="scan", selection=Selection(state="infected"), wish=Wish(), every=timedelta(hours=1))
    for changed in ({"word": "apply"}, {"every": timedelta(seconds=1)}, {"until": now() - timedelta(hours=1)}):
        with pytest.raises(WrongUse):
            add_schedule(msgspec.structs.replace(good, **changed), now())
    add_schedule(good, now())
    host = make_host("web-1", "10.1.0.1")
    for event in ("infected", "cleaned", "verified", "verified"):
        advance(host, event, now() - WATCH, "x")
    said: list[str] = []
    means = PlayedFleet(PlayedHost("web-1")).means(tmp_path)
    done = work_queue(means, now(), quiet, said.append)
    assert (done.closed, done.unlooked) == (0, ("web-1",))
    assert said == [f"schedule {Schedule.objects.get().pk}: no host fits now"]
    carry_on(begin_run("scan", [host], Wish(), now()), means, quiet)
    assert work_queue(means, now(), quiet, said.append).closed == 1


def test_a_host_that_is_off_stops_no_schedule(tmp_path: Path) -> None:
    here, off = make_host("here", "10.1.0.1"), make_host("off", "10.1.0.2")
    played = PlayedHost("here")
    means = PlayedFleet(played).means(tmp_path)
    add_schedule(Wanted(word="scan", selection=Selection(), wish=Wish(), every=timedelta(days=1)), now())
    said: list[str] = []
    (first,) = begin_due(now(), said.append)
    assert begin_due(now() + timedelta(days=1), said.append) == []  # nobody has gone through it yet
    assert "is still under way" in said[0]
    carry_on(first, means, quiet)
    assert first.state == "waiting"
    (second,) = begin_due(now() + timedelta(days=2), said.append)
    first.refresh_from_db()
    left = first.hosts.get(host=off)
    assert (first.state, left.state, left.next_try) == ("done", "given_up", None)
    assert left.reason == "not reached until the next run of its schedule; last: no route to host"
    assert "did not reach: 1; the next run asks them" in said[1]
    assert {row.host for row in second.hosts.all()} == {here, off}


def test_a_verification_has_a_row_for_everybody_it_is_about() -> None:
    ill = make_host("ill", "10.1.0.1")
    make_host("well", "10.1.0.2")
    advance(ill, "infected", now(), "x")
    everybody = Wanted(word="verify", selection=Selection(), wish=Wish(), every=timedelta(days=1))
    named = msgspec.structs.replace(everybody, selection=Selection(names=("well",)))
    add_schedule(everybody, now())
    add_schedule(named, now())
    said: list[str] = []
    runs = begin_due(now(), said.append)
    rows = [(row.host.label, row.state, row.reason) for run in runs for row in run.hosts.all()]
    assert rows == [(name, "given_up", "no plan was applied to it") for name in ("ill", "well")]
    assert [(run.state, view_run(run).whole) for run in runs] == [("done", False)] * 2
    assert "2 hosts to which no plan was applied; a gap for 1 of them" in said[0]
