"""What people say by hand outranks every source."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.hosts.marking import claim_by_hand, mark_hosts
from codered_hq.hosts.models import Host
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import NOW, make_host, record

pytestmark = pytest.mark.django_db


def test_tags_come_and_go() -> None:
    host = make_host("a", "10.1.0.1")
    mark_hosts([host], ("web", "site:north"), ())
    mark_hosts([host], ("web",), ("site:north", "never-there"))
    assert [tag.name for tag in host.tags.all()] == ["web"]
    for name in ("", "two words", "x" * 65, "a\nb", "<b>"):
        with pytest.raises(WrongUse, match="is no tag"):
            mark_hosts([host], (name,), ())


def test_a_person_settles_it_and_may_change_their_mind() -> None:
    host = record(HostRecord(name="a", owner="shop"), kind="yaml").hosts[0]
    claim_by_hand([host], {"owner": "ops", "criticality": "vital"}, NOW)
    claim_by_hand([host], {"owner": "sec"}, NOW)
    host.refresh_from_db()
    assert (host.owner and host.owner.name, host.criticality) == ("sec", "vital")
    record(HostRecord(name="a", owner="shop", criticality="low"), kind="yaml")
    assert Host.objects.get().criticality == "vital"
