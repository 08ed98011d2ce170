"""Sources that contradict each other stay side by side; one is believed."""

import pytest

from codered_hq.hosts.claiming import believe, choose_claims, find_conflicts
from codered_hq.hosts.models import Host, Owner
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import HOUR, NOW, record

pytestmark = pytest.mark.django_db


def test_a_person_then_documents_then_what_was_seen() -> None:
    for kind, owner, at in (("netbox", "old", NOW), ("csv", "shop", NOW - HOUR), ("scan", "newest", NOW)):
        host = record(HostRecord(name="web1", owner=owner, seen_at=at), kind=kind).hosts[0]
    host.refresh_from_db()
    assert host.owner == Owner.objects.get(name="shop")
    assert choose_claims(host.claims.all())["owner"] == "shop"
    (conflict,) = find_conflicts([host])
    assert [(value, source) for value, source, _ in conflict.said] == [
        ("shop", "csv:leases"), ("old", "netbox:leases"), ("newest", "scan:leases"),
    ]  # fmt: skip
    # the same source may change its mind, and is then no conflict with itself only if it says one thing
    host = record(HostRecord(name="web1", owner="shop", seen_at=NOW), kind="netbox").hosts[0]
    assert (host.owner and host.owner.name) == "shop"


def test_several_administrators_are_no_conflict() -> None:
    host = record(HostRecord(name="web1", admins=("root", "ann")), kind="scan").hosts[0]
    assert find_conflicts([host]) == []
    believe(host, host.claims.all(), {})
    assert host.owner is None
    assert Host.objects.get() == host
