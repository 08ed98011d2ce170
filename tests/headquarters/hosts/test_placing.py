"""A recorded switch behind a real snmpd: hosts get their ports, a device that is silent is told."""

from pathlib import Path

import pytest

from codered_hq.config import SnmpConfig
from codered_hq.hosts.models import Host, Place
from codered_hq.hosts.placing import locate_hosts
from codered_hq.model.inventory import HostRecord
from codered_hq.resolving.macs import is_machine_mac
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
        ports = {each.mac: each.port for each in tables.macs if each.status == "learned"}
        seen = [row for row in tables.arp if row.mac in ports and is_machine_mac(row.mac)]
        known = dict(zip(seen, record(*[HostRecord(mac=row.mac) for row in seen]).hosts, strict=True))
        record(HostRecord(name="elsewhere", mac="02:00:00:00:00:99"), HostRecord(name="unknown"))
        devices = [
            SnmpConfig(devices=(agent.address,), community=COMMUNITY, port=agent.port),
            SnmpConfig(devices=(agent.address,), community=COMMUNITY, port=1),
        ]
        placed = locate_hosts(list(Host.objects.all()), devices, NOW, said.append)
    assert (placed.switches, len(said), f"{len(tables.macs):,} MACs" in said[0]) == (1, 1, True)
    assert [each.where for each in placed.unread][:1] == [agent.address]
    names = {each.number: each.name for each in tables.ports}
    for row, host in known.items():
        assert host.addresses.filter(current=True, address=row.address).exists()  # from the switch's own ARP table
        where = [(place.switch, place.port) for place in Place.objects.filter(host=host)]
        assert where == [(tables.name, names[ports[row.mac]])], row
    assert len(known) > 50
    why = {text.partition(":")[0]: text.partition(": ")[2] for text in placed.nowhere}
    assert why["elsewhere"] == "no switch that was read has seen 02:00:00:00:00:99"
    assert why["unknown"] == "no MAC of it is known"
