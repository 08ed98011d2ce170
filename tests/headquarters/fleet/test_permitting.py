"""No change is sent without a permit, and none that the rules of that moment forbid."""

from datetime import timedelta
from pathlib import Path

import pytest

from codered.model.job import Job
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.fleet.ordering import order_change
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.permitting import has_news
from codered_hq.fleet.queue import work_queue
from codered_hq.fleet.running import Means, begin_run, carry_on
from codered_hq.gate.models import Decision, Reservation
from codered_hq.gate.voting import vote
from codered_hq.hosts.marking import mark_hosts
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Duty
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.models import LedgerEntry
from codered_hq.model.engine import Return
from tests.fixtures.changes_asked import ask_as, document_plan
from tests.fixtures.gate_crew import join, leave
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answered, now, quiet
from tests.fixtures.rules_in_force import LONG_AGO, put_sample_in_force, write_lax_rules

pytestmark = pytest.mark.django_db
PLAN = document_plan("/a.php")


@pytest.fixture
def fleet(headquarters: Path) -> PlayedFleet:
    """Two hosts that do as they are told: web, and db, which is vital."""
    put_sample_in_force(headquarters)
    hosts = [make_host("web", "10.1.0.1"), make_host("db", "10.1.0.2")]
    mark_hosts(hosts[1:], ("vital",), ())
    return PlayedFleet(*(PlayedHost(host.label, lambda one, *job: answered(one.answer(*job))) for host in hosts))


@pytest.fixture
def means(fleet: PlayedFleet, tmp_path: Path) -> Means:
    return fleet.means(tmp_path)


def order(*names: str) -> FleetRun:
    hosts = list(Host.objects.filter(label__in=names).order_by("pk"))
    return order_change("apply", hosts, {host.pk: PLAN for host in hosts}, Wish(), ask_as("kim", now()))


def hire(name: str, role: str) -> Speaker:
    """Somebody who has had this role for long."""
    found = join(name, role)
    Duty.objects.update(since=LONG_AGO)
    return found


def state_of(name: str) -> tuple[str, str]:
    row = HostRun.objects.select_related("host").filter(host__label=name).latest("pk")
    return row.state, row.reason


def jobs_of(fleet: PlayedFleet) -> list[str]:
    return [name for name, host in fleet.hosts.items() for _ in host.jobs]


def test_who_needs_approval_waits_and_the_others_go(fleet: PlayedFleet, means: Means) -> None:
    run = carry_on(order("web", "db"), means, quiet)
    assert (run.state, run.ended, jobs_of(fleet)) == ("awaiting", None, ["web"])
    assert state_of("db")[0] == "awaiting"
    assert not has_news(run)
    assert work_queue(means, now(), quiet, print).runs == ()  # nothing to tell of it each time
    decision = Decision.objects.get(state="awaiting")
    boss, owner = hire("boss", "executive"), hire("owner", "business")
    vote(decision, boss, True, "", now())
    assert carry_on(run, means, quiet).state == "awaiting"
    assert state_of("db")[1] == f"awaits approval by business (decision {decision.uid[:8]})"
    vote(decision, owner, True, "", now())
    assert has_news(run)
    (done,) = work_queue(means, now(), quiet, print).runs
    assert (done.state, state_of("db"), jobs_of(fleet)) == ("done", ("answered", ""), ["web", "db"])
    assert set(Decision.objects.values_list("state", flat=True)) == {"taken"}
    told = list(LedgerEntry.objects.filter(kind="action").values_list("what", flat=True))
    numbers = {host.label: host.pk for host in Host.objects.all()}
    assert told == [f"fleet apply on {name} (#{numbers[name]}): answered" for name in ("web", "db")]
    assert work_queue(means, now(), quiet, print).runs == ()


def test_a_no_or_nobody_in_time_ends_it(fleet: PlayedFleet, means: Means) -> None:
    hire("kim", "network")  # where others can prove who they are, so must who asks
    order("db")
    vote(Decision.objects.get(), hire("boss", "executive"), False, "not now", now())
    (done,) = work_queue(means, now(), quiet, print).runs
    assert (done.state, state_of("db")[0]) == ("done", "refused")
    assert "boss says no: not now" in state_of("db")[1]
    run = order("db")
    Decision.objects.filter(state="awaiting").update(expires_at=now() - timedelta(seconds=1))
    assert carry_on(run, means, quiet).state == "done"
    assert (state_of("db")[0], "its approval expired" in state_of("db")[1]) == ("refused", True)
    assert jobs_of(fleet) == []
    assert not Reservation.objects.filter(released=False).exists()


def test_what_changed_since_is_noticed_before_anything_is_sent(
    fleet: PlayedFleet, means: Means, headquarters: Path
) -> None:
    web = Host.objects.get(label="web")
    run = order("web")
    mark_hosts([web], ("never_touch",), ())
    carry_on(run, means, quiet)
    assert (state_of("web")[0], "never-touch" in state_of("web")[1]) == ("refused", True)
    mark_hosts([web], (), ("never_touch",))
    run = order("web")
    put_sample_in_force(headquarters, version=2, at=now())
    carry_on(run, means, quiet)
    assert (state_of("web")[0], "came in force" in state_of("web")[1]) == ("refused", True)
    run = order("web")
    other = document_plan("/etc/passwd")
    run.hosts.update(plan=other.plan, plan_digest=other.digest)
    carry_on(run, means, quiet)
    assert (state_of("web")[0], "not the same target" in state_of("web")[1]) == ("refused", True)
    run = order("db")
    boss, owner = hire("boss", "executive"), hire("owner", "business")
    for who in (boss, owner):
        vote(Decision.objects.get(state="awaiting"), who, True, "", now())
    leave(boss)
    assert carry_on(run, means, quiet).state == "awaiting"
    assert "awaits approval by executive" in state_of("db")[1]
    assert jobs_of(fleet) == []


def test_a_host_that_was_off_is_judged_again_when_it_is_back(fleet: PlayedFleet, means: Means) -> None:
    web, played = Host.objects.get(label="web"), fleet.hosts.pop("web")
    run = carry_on(order("web"), means, quiet)
    assert (run.state, state_of("web")[0], Decision.objects.get().state) == ("waiting", "queued", "taken")
    fleet.hosts["web"] = played
    mark_hosts([web], ("vital",), ())
    run.hosts.update(next_try=None)
    assert carry_on(run, means, quiet).state == "done"
    assert state_of("web")[0] == "refused"
    assert "asks for the yes of executive and business as well now" in state_of("web")[1]
    assert played.jobs == []


def test_a_run_that_was_broken_off_goes_on_only_under_its_permit(fleet: PlayedFleet, means: Means) -> None:
    def stop(_host: PlayedHost, _job: Job, _sha256: str) -> Return:
        raise KeyboardInterrupt

    web, well = fleet.hosts["web"], fleet.hosts["web"].does
    web.does = stop
    run = order("web")
    with pytest.raises(KeyboardInterrupt):
        carry_on(run, means, quiet)
    assert (state_of("web")[0], len(web.jobs)) == ("running", 1)
    web.does = well
    assert carry_on(run, means, quiet).state == "done"
    assert (state_of("web")[0], len({job.id for job in web.jobs})) == ("answered", 1)
    web.does = stop
    run = order("web")
    with pytest.raises(KeyboardInterrupt):
        carry_on(run, means, quiet)
    sent = len(web.jobs)
    mark_hosts([Host.objects.get(label="web")], ("never_touch",), ())
    carry_on(run, means, quiet)
    state, reason = state_of("web")
    assert (state, reason.startswith("it was sent before, and what became of that is not known")) == ("given_up", True)
    assert len(web.jobs) == sent
    assert LedgerEntry.objects.get(kind="failed").what.endswith("never to be touched.)")


def test_rows_that_nobody_decided_about_are_never_sent(fleet: PlayedFleet, means: Means) -> None:
    hosts = list(Host.objects.all())
    run = begin_run("apply", hosts, Wish(), now(), {host.pk: PLAN for host in hosts})
    carry_on(run, means, quiet)
    assert {row.state for row in run.hosts.all()} == {"awaiting"}
    run.hosts.update(state="queued")  # as if somebody wrote in the database
    assert carry_on(run, means, quiet).state == "done"
    assert {(row.state, row.reason) for row in run.hosts.all()} == {("refused", "no approved decision is about it")}
    real = order("web")
    Decision.objects.update(state="taken")
    real.hosts.update(plan_digest=document_plan("/b").digest, state="queued")
    carry_on(real, means, quiet)
    assert state_of("web") == ("refused", "what was decided is about another plan")
    assert jobs_of(fleet) == []


def test_a_host_that_is_sent_long_after_its_permit_is_counted_again(
    fleet: PlayedFleet, means: Means, headquarters: Path
) -> None:
    rules = write_lax_rules(version=2, cap=1).replace(b"do: cut_off\n    at_most", b"do: clean_up\n    at_most")
    put_sample_in_force(headquarters, rules)
    played = fleet.hosts.pop("web")
    run = carry_on(order("web"), means, quiet)
    assert (state_of("web")[0], Decision.objects.get().state) == ("queued", "taken")
    reserved = Reservation.objects.get()
    Reservation.objects.update(at=now() - timedelta(hours=2))
    run.hosts.update(next_try=None)
    carry_on(run, means, quiet)
    reserved.refresh_from_db()
    assert (state_of("web")[0], now() - reserved.at < timedelta(minutes=5)) == ("queued", True)
    Reservation.objects.update(at=now() - timedelta(hours=2))
    Reservation.objects.create(decision=reserved.decision, kind=reserved.kind, machine="#999", at=now())
    fleet.hosts["web"] = played
    run.hosts.update(next_try=None)
    assert carry_on(run, means, quiet).state == "done"
    assert state_of("web")[0] == "refused"
    assert state_of("web")[1].startswith("rule cut-cap: More than 1 hosts")
    assert played.jobs == []
