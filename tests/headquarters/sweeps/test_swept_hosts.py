"""A host is shown with the newest word of sweeps about where it is, and of nowhere else."""

import pytest

from codered_hq.hosts.models import Host
from codered_hq.model.inventory import HostRecord
from codered_hq.sweeps import swept_hosts
from codered_hq.sweeps.swept_hosts import view_swept_hosts
from tests.fixtures.inventories import HOUR, NOW, make_host, record
from tests.fixtures.sweeps import swept

pytestmark = pytest.mark.django_db


def test_only_addresses_that_it_has_now_and_their_newest_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swept_hosts, "BATCH", 2)
    mac = "02:00:00:00:00:01"
    record(HostRecord(name="moved", mac=mac, address="10.1.0.1", seen_at=NOW - 3 * HOUR))
    swept("10.1.0.0/29", at=NOW - 2 * HOUR, infected=["10.1.0.1", "10.1.0.3"], clean=["10.1.0.2"])
    record(HostRecord(name="moved", mac=mac, address="10.1.0.2", seen_at=NOW - HOUR))
    swept("10.1.0.0/29", at=NOW, vulnerable=["10.1.0.3"], not_asked=["10.1.0.2"])
    for name, address in (("sick", "10.1.0.3"), ("silent", "10.1.0.4")):
        make_host(name, address)
    found = {
        host.name: [(one.address, one.state) for one in host.swept] for host in view_swept_hosts(Host.objects.all())
    }
    assert (found["moved"], found["silent"]) == ([("10.1.0.2", "clean")], [])
    assert [("10.1.0.3", "vulnerable")] in found.values()
