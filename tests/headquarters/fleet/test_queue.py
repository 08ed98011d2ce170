"""What is due is worked off: schedules, hosts that were off, watches."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered.model.response import Verification
from codered_hq.fleet.cases import advance
from codered_hq.fleet.models import FleetRun, HostRun, Schedule
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.queue import find_next, work_queue
from codered_hq.fleet.running import PlanDocument, begin_run, carry_on
from codered_hq.fleet.schedules import Wanted, add_schedule, begin_due, read_selection
from codered_hq.hosts.finding import Selection
from codered_hq.hosts.marking import mark_hosts
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answered, make_plan, make_report, now, quiet

pytestmark = pytest.mark.django_db


def test_a_host_that_was_off_is_asked_when_it_is_due(tmp_path: Path) -> None:
    fleet = PlayedFleet()
    means = fleet.means(tmp_path)
    run = carry_on(begin_run("scan", [make_host("web-1", "10.1.0.1")], Wish(), now()), means, quiet)
    due = run.hosts.get().next_try
    assert due
    assert find_next(now()) == due
    assert work_queue(means, now(), quiet, print).runs == ()
    fleet.hosts["web-1"] = PlayedHost("web-1")
    HostRun.objects.update(next_try=now() - timedelta(seconds=1))
    done = work_queue(means, now(), quiet, print)
    assert [(each.pk, each.state) for each in done.runs] == [(run.pk, "done")]
    assert find_next(now()) is None
    missing = means._replace(engines=_miss)
    begin_run("scan", [run.hosts.get().host], Wish(), now())
    assert work_queue(missing, now(), quiet, print).failed == ("ansible is not installed",)


def _miss(name: str) -> PlayedFleet:
    raise WrongUse(f"{name} is not installed")


def test_a_scheduled_verification_finds_what_came_back_and_reopens_the_case(tmp_path: Path) -> None:
    host, bare = make_host("web-1", "10.1.0.1"), make_host("web-2", "10.1.0.2")
    mark_hosts([host, bare], ("web",), ())
    for event in ("infected", "cleaned", "verified"):
        advance(host, event, now(), "x")
    plan = make_plan("/a.php")
    raw = msgspec.json.encode(plan)
    report = msgspec.json.encode(make_report("/a.php"))
    begin_run("apply", [host], Wish(), now(), {host.pk: PlanDocument(raw, plan.digest, report)})
    HostRun.objects.update(state="answered")
    FleetRun.objects.update(state="done")

    back = Verification(
        plan_id="p1", tool="t", checked=now(), answer="reinfected", because="again", report=make_report("/a.php")
    )
    played = PlayedHost("web-1")
    played.does = lambda host, *job: answered(host.answer(*job, document=msgspec.json.encode(back), exit_code=1))
    means = PlayedFleet(played).means(tmp_path)
    wanted = Wanted(
        word="verify", selection=Selection(tags=("web",)), wish=Wish(), every=timedelta(hours=24),
        until=now() + timedelta(hours=72),
    )  # fmt: skip
    schedule = add_schedule(wanted, now())
    assert read_selection(schedule) == Selection(tags=("web",))
    told: list[str] = []
    done = work_queue(means, now(), lambda task: told.append(task.verdict), print)
    assert ([run.word for run in done.runs], told) == (["verify"], ["reinfected"])
    host.refresh_from_db()
    case = host.cases.get()
    assert (host.state, case.reopened, case.watch_until, case.history[-1][2]) == ("infected", 1, None, "infected")
    schedule.refresh_from_db()
    assert timedelta(hours=23) < schedule.next_at - now() <= timedelta(hours=24)
    assert begin_due(now(), print) == []
    begun = begin_due(now() + timedelta(hours=60), print)  # two were missed: one is made up for
    assert len(begun) == 1
    assert begin_due(now() + timedelta(hours=71, minutes=59), print) == []  # the last one is not over
    assert begin_due(now() + timedelta(hours=100), print) == []
    assert not Schedule.objects.get().active
