"""The way to each host."""

import pytest

from codered_hq.fleet.models import HostRun
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import begin_run
from codered_hq.fleet.selecting import choose_ways
from codered_hq.hosts.models import AddressUse, Host
from codered_hq.model.inventory import HostRecord
from tests.fixtures.inventories import HOUR, NOW, document_subnets, make_host, record

pytestmark = pytest.mark.django_db


def choose(tasks: list[HostRun], default: str = "ansible") -> dict[str, tuple[str, str, str]]:
    ways = [way for some in choose_ways(tasks, default).values() for way in some]
    return {
        way.task.host.label: (way.engine, way.host.address or way.host.minion if way.host else "", way.why)
        for way in ways
    }


def test_by_its_zone_its_own_wish_or_the_default() -> None:
    document_subnets("10.9.0.0/24", "fd00::/64", zone="plant", zone_kind="protected")
    hosts = [
        make_host("plain", "10.1.0.1"),
        make_host("inner", "10.9.0.1", minion="inner.plant"),
        make_host("inner6", "fd00::7", minion="six"),
        make_host("salty", "10.1.0.2"),
    ]
    hosts[3].engine = "salt"
    hosts[3].save()
    tasks = list(begin_run("scan", hosts, Wish(), NOW).hosts.select_related("host"))
    found = choose_ways(tasks, "ansible")
    assert [way.host.minion for way in found["salt"] if way.host] == ["inner.plant", "six"]
    assert choose(tasks)["plain"] == ("ansible", "10.1.0.1", "")
    assert choose(tasks)["salty"] == ("salt", "", "no name of it at Salt is known")
    assert choose(tasks, "salt")["plain"] == ("salt", "", "no name of it at Salt is known")


def test_at_first_where_it_answered_last_then_at_its_other_addresses() -> None:
    host = record(
        HostRecord(name="laptop", machine_id="e1" * 9, mac="02:00:00:00:00:01", address="10.1.0.1", seen_at=NOW),
        HostRecord(name="laptop", machine_id="e1" * 9, mac="02:00:00:00:00:02", address="10.2.0.1", seen_at=NOW - HOUR),
    ).hosts[0]
    assert AddressUse.objects.filter(host=host, current=True).count() == 2
    run = begin_run("scan", [host], Wish(), NOW)
    assert choose(list(run.hosts.all()))["laptop"][1] == "10.1.0.1"
    run.hosts.update(outcome="answered", address="10.2.0.1")
    later = begin_run("scan", [host], Wish(), NOW)
    assert choose(list(later.hosts.all()))["laptop"][1] == "10.2.0.1"
    later.hosts.update(attempts=1)
    assert choose(list(later.hosts.all()))["laptop"][1] == "10.1.0.1"
    later.hosts.update(attempts=0)
    Host.objects.update(suspected_at=["10.1.0.1"])  # where it looked infected goes before where it answered
    assert choose(list(later.hosts.all()))["laptop"][1] == "10.1.0.1"
