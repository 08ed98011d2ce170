"""From a report to a plan to a change: only what is stored, and only for the host that made it."""

from pathlib import Path

import msgspec
import pytest

from codered.model.errors import Refused, WrongUse
from codered.model.plan import Plan, digest_plan
from codered.model.response import Verification
from codered_hq.fleet.models import FleetRun, HostRun, StoredFinding
from codered_hq.fleet.ordering import order_change
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.planning import (
    NO_FINDINGS,
    OPEN,
    LeftOut,
    find_owed,
    find_plans,
    find_reports,
    note_left_out,
    read_plan,
)
from codered_hq.fleet.running import PlanDocument, begin_run, carry_on
from codered_hq.fleet.views import view_run
from codered_hq.hosts.models import Host
from tests.fixtures.changes_asked import ask_as
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import (
    PlayedFleet,
    PlayedHost,
    answer_report,
    answered,
    make_plan,
    make_report,
    now,
    quiet,
)
from tests.fixtures.rules_in_force import put_sample_in_force

pytestmark = pytest.mark.django_db
REPORT = make_report("/a.php", "/left.php")


def play(tmp_path: Path) -> tuple[PlayedHost, Host, PlayedFleet]:
    host, played = make_host("web-1", "10.1.0.1"), PlayedHost("web-1", answer_report(REPORT))
    fleet = PlayedFleet(played)
    carry_on(begin_run("scan", [host], Wish(), now()), fleet.means(tmp_path), quiet)
    return played, host, fleet


def test_a_plan_is_made_from_the_newest_report_and_given_back_as_it_was(tmp_path: Path, headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    played, host, fleet = play(tmp_path)
    other = make_host("web-2", "10.1.0.2")
    found = find_reports([host, other])
    assert found.left_out == (LeftOut(other, "it has no report; scan it first"),)
    assert msgspec.json.decode(found.documents[host.pk].report)["id"] == "r1"

    plan = make_plan("/a.php")
    raw = msgspec.json.encode(plan)
    played.does = lambda host, *job: answered(host.answer(*job, document=raw))
    carry_on(begin_run("plan", [host], Wish(), now(), found.documents), fleet.means(tmp_path), quiet)
    assert played.jobs[-1].report == found.documents[host.pk].report
    plans = find_plans([host, other])
    assert plans.documents[host.pk] == PlanDocument(raw, plan.digest, found.documents[host.pk].report)
    assert read_plan(plans.documents[host.pk], "x") == plan
    assert "it has no plan" in plans.left_out[0].why
    assert find_plans([host], "apply").left_out[0].why == "no plan was applied to it"

    run = order_change("apply", [host], plans.documents, Wish(incident="i-7"), ask_as("kim", now(), "i-7"))
    carry_on(run, fleet.means(tmp_path), quiet)
    job = played.jobs[-1]
    assert (job.word, job.plan, job.plan_digest, job.incident) == ("apply", raw, plan.digest, "i-7")
    assert (job.expires - job.issued).total_seconds() == 1800
    assert job.host_key == HostRun.objects.get(run=run).key
    host.refresh_from_db()
    assert host.state == "cleaned"

    for state, ready in (("queued", ""), ("given_up", ""), ("refused", ""), ("failed", "rollback")):
        run.hosts.update(state=state)
        assert [word for word in ("apply", "rollback") if find_plans([host], word).documents] == [
            *filter(None, [ready])
        ]
    run.hosts.update(state="answered")
    proof = Verification(plan_id="p1", tool="t", checked=now(), answer="clean", because="gone", report=make_report())
    played.does = lambda host, *job: answered(host.answer(*job, document=msgspec.json.encode(proof)))
    applied = find_plans([host], "apply")
    carry_on(begin_run("verify", [host], Wish(), now(), applied.documents), fleet.means(tmp_path), quiet)
    assert (played.jobs[-1].plan, played.jobs[-1].report) == (raw, found.documents[host.pk].report)
    host.refresh_from_db()
    assert host.state == "cleaned"  # one more finding is open, whatever became of this plan's
    gone = StoredFinding.objects.exclude(gone_at=None)
    assert [row.subject for row in gone] == ["/a.php"]  # what the plan left alone was not proved to be gone
    other_plan = msgspec.structs.replace(proof, plan_id="another")
    played.does = lambda host, *job: answered(host.answer(*job, document=msgspec.json.encode(other_plan)))
    tried = carry_on(begin_run("verify", [host], Wish(), now(), applied.documents), fleet.means(tmp_path), quiet)
    assert (tried.hosts.get().state, "it verified another plan" in tried.hosts.get().reason) == ("refused", True)
    StoredFinding.objects.update(gone_at=now())
    played.does = lambda host, *job: answered(host.answer(*job, document=msgspec.json.encode(proof), tool="2"))
    carry_on(begin_run("verify", [host], Wish(), now(), applied.documents), fleet.means(tmp_path), quiet)
    host.refresh_from_db()
    assert host.state == "verified"
    played.does = lambda host, *job: answered(host.answer(*job, document=b"{}"))
    undo = order_change("rollback", [host], find_plans([host], "rollback").documents, Wish(), ask_as("kim", now()))
    carry_on(undo, fleet.means(tmp_path), quiet)
    host.refresh_from_db()
    assert host.state == "infected"
    assert find_reports([host]).left_out == (LeftOut(host, "its newest report has no findings"),)


def test_who_is_left_out_is_a_gap_if_it_was_named_or_is_ill() -> None:
    ill, well, healed = (make_host(f"web-{number}", f"10.1.0.{number}") for number in (1, 2, 3))
    ill.state, healed.state = "infected", "verified"
    left = [LeftOut(host, "no plan") for host in (ill, well, healed)]
    assert [each.host for each in find_owed(left, named=False)] == [ill]
    assert [each.host for each in find_owed(left, False, OPEN)] == [ill, healed]
    assert [each.host for each in find_owed(left, named=True)] == [ill, well, healed]
    clean = [LeftOut(host, NO_FINDINGS) for host in (ill, well)]
    assert [each.host for each in find_owed(clean, named=True)] == [ill]
    run = begin_run("plan", [well], Wish(), now())
    note_left_out(run, find_owed(left, named=False), now())
    run.hosts.filter(host=well).update(state="answered", exit_code=0)
    assert (view_run(run).whole, view_run(run).counts) == (False, {"answered": 1, "given_up": 1})


def test_a_plan_that_is_not_what_its_digest_says_goes_nowhere(tmp_path: Path) -> None:
    played, host, fleet = play(tmp_path)
    plan = make_plan("/a.php")
    changed = msgspec.structs.replace(plan, report_id="another")
    for raw, state, why in (
        (msgspec.json.encode(changed), "refused", "its plan is not what its digest says"),
        (b'{"format": "codered/plan/1"}', "failed", "its plan can't be read"),
        (b"[" * 90_000, "failed", "its plan can't be read"),
    ):
        played.does = lambda host, *job, raw=raw: answered(host.answer(*job, document=raw))
        run = begin_run("plan", [host], Wish(), now(), find_reports([host]).documents)
        row = carry_on(run, fleet.means(tmp_path), quiet).hosts.get()
        assert (row.state, why in row.reason, row.plan, row.report) == (state, True, b"", None), row.reason
    runs = FleetRun.objects.count()
    stored = PlanDocument(msgspec.json.encode(changed), digest_plan(changed))
    with pytest.raises(Refused, match="its plan is not what its digest says"):
        order_change("apply", [host], {host.pk: stored}, Wish(), ask_as("kim"))
    other = PlanDocument(msgspec.json.encode(plan), "sha256:" + "0" * 64)
    with pytest.raises(Refused, match="not the one that was made"):
        order_change("rollback", [host], {host.pk: other}, Wish(), ask_as("kim"))
    with pytest.raises(WrongUse, match="no plan"):
        order_change("apply", [host], {}, Wish(), ask_as("kim"))
    with pytest.raises(WrongUse, match="nothing to change"):
        order_change("apply", [], {}, Wish(), ask_as("kim"))
    assert FleetRun.objects.count() == runs
    assert isinstance(plan, Plan)
