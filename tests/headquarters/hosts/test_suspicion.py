"""A suspicion ends where it was raised, and nowhere else."""

import pytest

from codered_hq.hosts.suspicion import is_suspected, note_suspicion, settle_suspicion
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import HOUR, NOW, make_host, record

pytestmark = pytest.mark.django_db
MAC = "02:00:00:00:00:01"


def test_only_a_look_at_that_address_settles_it() -> None:
    host = make_host("dc1", "10.0.0.1")
    note_suspicion(host, "10.0.9.66")
    assert settle_suspicion(host, "10.0.0.1")  # it is not suspect: nothing was noted
    for state, address in (("suspect", "10.0.9.66"), ("contained", "10.0.9.67"), ("suspect", "10.0.9.66")):
        host.state = state
        host.save(update_fields=["state"])
        note_suspicion(host, address)
    assert is_suspected(host)
    assert not settle_suspicion(host, "10.0.0.1")
    assert not settle_suspicion(host, "10.0.9.66")
    assert settle_suspicion(host, "10.0.9.67")
    assert not is_suspected(host)


def test_a_laptop_that_moved_takes_its_suspicion_along() -> None:
    laptop = record(HostRecord(mac=MAC, address="10.1.0.5", seen_at=NOW - HOUR)).hosts[0]
    laptop.state = "suspect"
    laptop.save()
    note_suspicion(laptop, "10.1.0.5")
    assert not settle_suspicion(laptop, "10.2.0.9")
    record(HostRecord(mac=MAC, address="10.2.0.9", seen_at=NOW))
    assert settle_suspicion(laptop, "10.2.0.9")
