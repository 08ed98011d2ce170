"""The one door for changes: a run with a row for each host, nothing is sent by it, and the gate was asked for each."""

from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.fleet.models import FleetRun
from codered_hq.fleet.ordering import order_change
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import PlanDocument
from codered_hq.gate.models import Decision
from codered_hq.hosts.marking import mark_hosts
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.changes_asked import ask_as, document_plan
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.played_fleets import make_plan
from tests.fixtures.rules_in_force import put_sample_in_force

pytestmark = pytest.mark.django_db


def test_each_host_gets_its_own_plan_or_nobody_any(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    hosts = [make_host("web-1", "10.1.0.1"), make_host("web-2", "10.1.0.2")]
    plan = make_plan("/a")
    document = PlanDocument(msgspec.json.encode(plan), plan.digest, b"{}")
    with pytest.raises(WrongUse, match="web-2: there is no plan"):
        order_change("apply", hosts, {hosts[0].pk: document}, Wish(), ask_as("kim"))
    assert not FleetRun.objects.exists()
    assert not Decision.objects.exists()
    run = order_change("rollback", hosts, {host.pk: document for host in hosts}, Wish(), ask_as("kim"))
    assert (run.word, run.state) == ("rollback", "running")
    assert [(row.state, row.plan_digest, row.job) for row in run.hosts.all()] == [("awaiting", plan.digest, None)] * 2
    decision = Decision.objects.get()
    assert (decision.kind, decision.state, decision.order["run"]) == ("roll_back", "allowed", run.uid)
    assert decision.order["hosts"] == [host.pk for host in hosts]
    again = order_change("rollback", hosts, {host.pk: document for host in hosts}, Wish(), ask_as("lou"))
    assert (again.uid, Decision.objects.count()) == (run.uid, 1)  # the same is not asked twice


def test_refused_hosts_keep_a_row_and_others_wait_for_their_people(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    hosts = [make_host(name, f"10.1.0.{number}") for number, name in enumerate(("plain", "never", "vital", "other"), 1)]
    mark_hosts([hosts[1]], ("never_touch",), ())
    mark_hosts([hosts[2]], ("vital",), ())
    document = document_plan("/a.php")
    before = LedgerEntry.objects.count()
    run = order_change("apply", hosts, {host.pk: document for host in hosts}, Wish(), ask_as("kim"))
    rows = {row.host.label: (row.state, row.outcome, row.reason) for row in run.hosts.select_related("host")}
    assert rows["plain"] == rows["other"] == ("awaiting", "", "")
    assert rows["never"][:2] == ("refused", "by_rules")
    assert rows["never"][2].startswith("rule never-touch: Listed as never to be touched. (decision ")
    assert rows["vital"][:2] == ("awaiting", "")
    assert rows["vital"][2].startswith("awaits approval by executive and business (decision ")
    assert sorted((each.kind, each.state, len(each.order["hosts"])) for each in Decision.objects.all()) == [
        ("quarantine_file", "allowed", 2), ("quarantine_file", "awaiting", 1), ("quarantine_file", "refused", 1),
    ]  # fmt: skip
    assert LedgerEntry.objects.count() == before + 3
    more = order_change("apply", hosts[2:], {host.pk: document for host in hosts[2:]}, Wish(), ask_as("kim"))
    assert more.uid != run.uid
    told = {row.host.label: (row.state, row.reason) for row in more.hosts.select_related("host")}
    assert told["vital"] == ("given_up", f"the same is under way already: run {run.uid[:8]}")
    alone = order_change("apply", hosts[1:2], {hosts[1].pk: document}, Wish(), ask_as("kim"))
    assert (alone.state, alone.ended) == ("done", NOW)
