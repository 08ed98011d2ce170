"""A recorded switch behind a real snmpd: hosts get their ports, a device that is silent is told."""

from pathlib import Path

import pytest

from codered_hq.config import SnmpConfig
from codered_hq.hosts.models import Host, Place
from codered_hq.hosts.placing import locate_hosts
from codered_hq.model.inventory import HostRecord
from codered_hq.resolving.snmp_access import SnmpAccess
from codered_hq.resolving.switch_reading import read_switches
from codered_hq.resolving.switch_tables import SwitchTables
from tests.fixtures.inventories import NOW, record
from tests.fixtures.snmp_agents import COMMUNITY, running_agent

pytestmark = pytest.mark.django_db


def test_hosts_behind_a_recorded_switch(tmp_path: Path) -> None:
    said: list[str] = []
    with running_agent(tmp_path, "ruijie-s5750") as agent:
        (tables,) = read_switches([agent.address], SnmpAccess(community=COMMUNITY, port=agent.port))
        assert isinstance(tables, SwitchTables)
        ports = {each.mac: each.port for each in tables.macs}
        seen = next(row for row in tables.arp if row.mac in ports and row.mac not in tables.own_macs)
        known = record(HostRecord(name="known", mac=seen.mac)).hosts[0]
        record(HostRecord(name="elsewhere", mac="02:00:00:00:00:99"), HostRecord(name="unknown"))
        devices = [
            SnmpConfig(devices=(agent.address,), community=COMMUNITY, port=agent.port),
            SnmpConfig(devices=(agent.address,), community=COMMUNITY, port=1),
        ]
        placed = locate_hosts(list(Host.objects.all()), devices, NOW, said.append)
    assert (placed.switches, len(said), f"{len(tables.macs):,} MACs" in said[0]) == (1, 1, True)
    assert [each.where for each in placed.unread][:1] == [agent.address]
    assert known.addresses.get(current=True).address == seen.address  # learned from the switch's ARP table
    port = next(each.name for each in tables.ports if each.number == ports[seen.mac])
    found = Place.objects.filter(host=known)
    assert [(place.switch, place.port) for place in found] in ([(tables.name, port)], [])
    assert bool(found) or any(seen.mac in each.where for each in placed.reasons)
    why = {text.partition(":")[0]: text.partition(": ")[2] for text in placed.nowhere}
    assert why["elsewhere"] == "no switch that was read has seen 02:00:00:00:00:99"
    assert why["unknown"] == "no MAC of it is known"
