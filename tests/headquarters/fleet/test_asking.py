"""What the gate is asked about plans: kinds, groups of hosts, incidents, evidence."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused, WrongUse
from codered_hq.fleet.asking import Change, foresee, mark_evidence, read_change, settle_incident
from codered_hq.fleet.models import FleetRun
from codered_hq.fleet.ordering import order_change
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import PlanDocument
from codered_hq.gate.models import Decision, Reservation
from codered_hq.hosts.marking import mark_hosts
from codered_hq.hosts.models import Host
from tests.fixtures.changes_asked import ask_as, document_kinds, document_plan
from tests.fixtures.gate_crew import declare, machine
from tests.fixtures.inventories import make_host
from tests.fixtures.rules_in_force import put_sample_in_force

pytestmark = pytest.mark.django_db


def change_of(hosts: list[Host], document: PlanDocument) -> Change:
    return read_change("apply", {host.pk: (host.label, document.plan, document.digest) for host in hosts})


def test_one_decision_for_each_kind_and_answer(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    hosts = [make_host(f"h{number}", f"10.1.0.{number}") for number in range(1, 5)]
    mark_hosts(hosts[2:3], ("vital",), ())
    mark_hosts(hosts[3:], ("never-touch",), ())
    document = document_kinds("kill_process", "quarantine_file")
    told = foresee(change_of(hosts, document), hosts, ask_as("kim"))
    assert [each.strictest.answer for each in told] == ["yes", "yes", "needs", "no"]
    assert [len(each.verdicts) for each in told] == [2, 2, 2, 1]  # one refusal is enough
    assert not Decision.objects.exists()
    order_change("apply", hosts, dict.fromkeys((host.pk for host in hosts), document), Wish(), ask_as("kim"))
    rows = Decision.objects.order_by("pk").values_list("kind", "state", "request__subjects__0__name")
    assert list(rows) == [
        ("kill_process", "allowed", "h1"), ("quarantine_file", "allowed", "h1"), ("kill_process", "awaiting", "h3"),
        ("quarantine_file", "awaiting", "h3"), ("kill_process", "refused", "h4"),
    ]  # fmt: skip


def test_what_is_refused_in_one_part_is_not_begun_in_another(headquarters: Path) -> None:
    put_sample_in_force(headquarters, cap=1)
    hosts = [make_host(f"h{number}", f"10.1.0.{number}") for number in (1, 2)]
    document = document_kinds("quarantine_file", "isolate_host")
    run = order_change("apply", hosts, dict.fromkeys((host.pk for host in hosts), document), Wish(), ask_as("kim"))
    first = run.hosts.order_by("pk")[0]
    assert (run.state, first.state, first.outcome) == ("done", "refused", "by_rules")
    assert "rule cut-cap: More than 1 hosts cut off in an hour" in first.reason
    assert set(Decision.objects.values_list("kind", "state")) == {("isolate_host", "refused")}
    one = order_change("apply", hosts[:1], {hosts[0].pk: document}, Wish(), ask_as("kim"))
    assert one.hosts.get().state == "awaiting"
    two = order_change("apply", hosts[1:], {hosts[1].pk: document}, Wish(), ask_as("kim"))
    assert two.hosts.get().state == "refused"
    assert set(Reservation.objects.filter(released=False).values_list("machine", flat=True)) == {f"#{hosts[0].pk}"}
    assert FleetRun.objects.count() == 3


def test_evidence_is_asked_for_before_what_destroys_it_alone() -> None:
    bare = machine(1)
    for saved in (True, False):
        subject = replace(bare, evidence_saved=saved)
        assert mark_evidence("kill_process", subject).evidence_saved is saved
        assert mark_evidence("delete_file", subject).evidence_saved is saved
        assert mark_evidence("quarantine_file", subject).evidence_saved is True


def test_a_change_belongs_to_an_incident_that_is_known(headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    host, document = make_host("h1", "10.1.0.1"), document_plan("/a")
    assert settle_incident("") == ""
    declare("exercise", drill=True)
    assert settle_incident("") == "exercise"  # nothing real is changed while only a drill is open
    asker = ask_as("kim", incident=settle_incident(""))
    run = order_change("apply", [host], {host.pk: document}, Wish(incident="exercise"), asker)
    assert run.hosts.get().reason.startswith("rule drill: This is a drill.")
    declare("real")
    with pytest.raises(WrongUse, match="several incidents are open"):
        settle_incident("")
    assert settle_incident("real") == "real"
    with pytest.raises(WrongUse, match="no incident has this name"):
        settle_incident("exercize")


def test_a_plan_that_is_not_the_stored_one_is_not_asked_about() -> None:
    document = document_plan("/a")
    with pytest.raises(Refused, match="not the one that was made"):
        read_change("apply", {1: ("h1", document.plan, "sha256:0")})
