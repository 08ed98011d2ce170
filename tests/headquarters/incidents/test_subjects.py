"""Machines as the rules see them: no mark is lost, wherever it stands."""

import pytest
from pytest_django import DjangoAssertNumQueries

from codered_hq.hosts.marking import mark_hosts
from codered_hq.hosts.models import AddressUse, Host, Subnet, Tag
from codered_hq.incidents.models import EvidenceRecord
from codered_hq.incidents.subjects import make_subject, make_subjects
from tests.fixtures.gate_crew import NOW, declare
from tests.fixtures.inventories import document_subnets, make_host

pytestmark = pytest.mark.django_db


def test_marks_of_the_host_and_of_every_subnet_around_it_count() -> None:
    document_subnets("10.1.0.0/16", "10.1.2.0/24", "10.2.0.0/16")
    Subnet.objects.get(range="10.1.0.0/16").tags.add(Tag.objects.create(name="Never-Touch"))
    Subnet.objects.filter(range="10.2.0.0/16").update(criticality="vital")
    inside, outside, vital = (
        make_host(name, at) for name, at in (("a", "10.1.2.3"), ("b", "10.9.0.1"), ("c", "10.2.0.1"))
    )
    mark_hosts([outside], ("may_isolate",), ())
    assert make_subject(inside).tags == ("Never-Touch", "never_touch")
    assert make_subject(outside).tags == ("may_isolate",)
    assert make_subject(vital).tags == ("vital",)
    Host.objects.filter(pk=outside.pk).update(criticality="vital", state="infected")
    told = make_subject(outside)
    assert (told.tags, told.criticality, told.state, told.host, told.name) == (
        ("may_isolate", "vital"), "vital", "infected", outside.pk, "b",
    )  # fmt: skip
    AddressUse.objects.filter(host=inside).update(current=False)
    assert "never_touch" in make_subject(inside).tags  # off for now: where it was counts
    AddressUse.objects.create(
        host=inside, address="10.9.0.9", number=outside.addresses.get().number, source="x", first_seen=NOW,
        last_seen=NOW,
    )  # fmt: skip
    assert make_subject(inside).tags == ()  # it moved


def test_evidence_of_this_outbreak_counts_and_many_hosts_cost_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    hosts = [make_host(f"h{number}", f"10.1.0.{number}") for number in range(1, 31)]
    old, new = declare("old"), declare("new")
    old.closed_at = NOW
    old.save()
    for host, incident in ((hosts[0], old), (hosts[1], new), (hosts[2], None)):
        EvidenceRecord.objects.create(host=host, incident=incident, container="c", who="kim", at=NOW)
    with django_assert_max_num_queries(6):
        made = make_subjects(reversed(hosts))
    assert [each.host for each in made] == [host.pk for host in reversed(hosts)]
    assert {each.name for each in made if each.evidence_saved} == {"h2", "h3"}
    assert make_subjects([]) == ()
