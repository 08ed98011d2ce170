"""Recorded switches behind Debian's snmpd, by v2c and by v3. The right answers are read from the recording itself."""

from pathlib import Path

import pytest

from codered_hq.model.inventory import Skipped
from codered_hq.resolving.snmp_access import SnmpAccess, SnmpLimits
from codered_hq.resolving.switch_reading import read_switches
from codered_hq.resolving.switch_tables import SwitchTables
from tests.fixtures.lying_agents import Asked, running_liar, write, write_answer, write_number
from tests.fixtures.snmp_agents import AUTH, COMMUNITY, PRIV, RECORDINGS, USER, Agent, read_recording, running_agent

QUICK = SnmpLimits(seconds=0.4, tries=2)
HURRIED = SnmpLimits(seconds=0.7, tries=2)  # three silent VLANs are waited for
PATIENT = SnmpLimits(seconds=3.0, tries=3)
Q_PORT, D_PORT = (1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 2), (1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2)


def open_v2(agent: Agent, community: str = COMMUNITY) -> SnmpAccess:
    return SnmpAccess(community=community, port=agent.port)


def open_v3(agent: Agent, auth: str = AUTH, priv: str = PRIV) -> SnmpAccess:
    return SnmpAccess(user=USER, auth_password=auth, priv_password=priv, port=agent.port)


def read_one(agent: Agent, access: SnmpAccess, limits: SnmpLimits = PATIENT) -> SwitchTables:
    (found,) = read_switches([agent.address], access, limits)
    assert isinstance(found, SwitchTables), found
    return found


def explain(agent: Agent, access: SnmpAccess) -> str:
    (found,) = read_switches([agent.address], access, QUICK)
    assert isinstance(found, Skipped), found
    return found.why


def read_rows(name: str, column: tuple[int, ...]) -> dict[tuple[int, ...], str]:
    rows = read_recording(RECORDINGS / f"{name}.snmprec")
    return {oid[len(column) :]: value for oid, _, value in rows if oid[: len(column)] == column}


def count_learned(name: str, column: tuple[int, ...]) -> int:
    """Rows with a port whose status is learned, by a reader of its own."""
    status = read_rows(name, (*column[:-1], 3))
    return sum(port != "0" and status.get(index, "3") == "3" for index, port in read_rows(name, column).items())


def test_procurve_by_v2_and_v3_and_who_may_not(tmp_path: Path) -> None:
    with running_agent(tmp_path, "hpe-procurve") as agent:
        second, third = read_one(agent, open_v2(agent)), read_one(agent, open_v3(agent))
        assert explain(agent, open_v2(agent, "falsch")) == "SNMP: no answer (2 tries, 0.4 s each)"
        wrong = "SNMP: the agent does not take this user or its password"
        assert explain(agent, open_v3(agent, auth="another-word")) == wrong
        assert explain(agent, open_v3(agent, priv="another-word")) == "SNMP: no answer (2 tries, 0.4 s each)"
        # Signed, not encrypted: the agent answers with an error that the library takes for an empty table.
        shown = explain(agent, SnmpAccess(user=USER, auth_password=AUTH, port=agent.port))
        assert shown == "SNMP: the agent shows nothing to this user or community: see what it may read"
    assert second.macs == third.macs
    assert second.neighbours == third.neighbours
    assert (second.name, second.skipped) == ("DUMSYS-64", ())
    assert "ProCurve" in second.description
    learned = [seen for seen in second.macs if seen.status == "learned"]
    assert len(learned) == count_learned("hpe-procurve", Q_PORT)
    # Its table ids are not VLANs: id 2 is VLAN 50 by dot1qVlanFdbId.
    assert {seen.vlan for seen in second.macs if seen.mac == "00:00:0c:07:ac:32"} == {50}
    assert {port.number: (port.name, port.up) for port in second.ports}[17] == ("17", True)
    bridging = {(one.port, one.name) for one in second.neighbours if one.bridges}
    assert bridging == {(17, "NWPU-CA-5548-01"), (17, "")}
    assert "ac:16:2d:92:7d:21" in second.own_macs


def test_ruijie_with_arp_and_a_time_in_its_vlan_index(tmp_path: Path) -> None:
    with running_agent(tmp_path, "ruijie-s5750") as agent:
        tables = read_one(agent, open_v3(agent))
    learned = [seen for seen in tables.macs if seen.status == "learned"]
    assert len(learned) == count_learned("ruijie-s5750", Q_PORT) == 381
    assert {seen.vlan for seen in learned} == {1, 1800}
    assert len(tables.arp) == 205
    assert ("10.1.30.1", "0c:da:41:13:04:41", 23) in {(row.address, row.mac, row.port) for row in tables.arp}
    assert tables.ports[0].name == "Gi0/1"


def test_huawei_whose_bridge_ports_are_not_its_interfaces(tmp_path: Path) -> None:
    with running_agent(tmp_path, "huawei-s12704") as agent:
        tables = read_one(agent, open_v2(agent))
    names = {port.number: port.name for port in tables.ports}
    learned = [seen for seen in tables.macs if seen.status == "learned"]
    assert len(learned) == count_learned("huawei-s12704", D_PORT)
    # Bridge port 2 is interface 52 (dot1dBasePortIfIndex), which is a trunk.
    assert {names[seen.port] for seen in tables.macs if seen.mac == "00:00:5e:00:01:01"} == {"Eth-Trunk4"}


def test_cisco_keeps_a_table_a_vlan_and_has_long_rows(tmp_path: Path) -> None:
    with running_agent(tmp_path, "cisco-c3750") as agent:
        second, third = read_one(agent, open_v2(agent), HURRIED), read_one(agent, open_v3(agent))
    # Fifty rows of CDP do not fit into one answer of v3: taken for an empty table by a plain walk.
    assert len(second.neighbours) == len(third.neighbours) == 125
    assert {one.where for one in third.skipped} == {"MAC tables of VLANs"}
    whys = {one.where: one.why for one in second.skipped}
    assert whys["MAC table of VLAN 1"].startswith("no answer (2 tries")
    assert "silent for the first 3 of" in whys["MAC tables of VLANs"]


def test_many_at_once_and_each_comes_back(tmp_path: Path) -> None:
    hosts = ["127.0.0.1", *(f"127.0.0.{low}" for low in range(2, 60))]
    with running_agent(tmp_path, "ruijie-s5750") as agent:
        found = list(read_switches(hosts, open_v2(agent), SnmpLimits(seconds=0.5, tries=2, at_once=20)))
    assert [one.address for one in found if isinstance(one, SwitchTables)] == ["127.0.0.1"]
    reasons = {one.where: one.why for one in found if isinstance(one, Skipped)}
    assert sorted(reasons) == sorted(hosts[1:])
    assert set(reasons.values()) == {"SNMP: the host is there, and no SNMP agent listens"}


@pytest.mark.parametrize("endless", [True, False])
def test_a_lying_switch_costs_a_reason(endless: bool) -> None:
    """Every column: one row for ever, or rows of the wrong type with MACs and ports that cannot be."""

    def liar(asked: Asked) -> bytes:
        if endless:
            return write_answer(asked, [((*asked.oid[:11], 7), write(4, b"same"))])
        if asked.oid[-1] == 999:
            return write_answer(asked, [((1, 3, 6, 1, 6, 1), write_number(1))])
        rows = [((*asked.oid, 300, 1, 1, 1, 1, 1), write_number(9)), ((*asked.oid, 999), write(4, b"\x1b[2J" * 2000))]
        return write_answer(asked, rows)

    with running_liar(liar) as port:
        (found,) = read_switches(["127.0.0.1"], SnmpAccess(community="x", port=port), QUICK)
    if isinstance(found, SwitchTables):
        assert found.macs == ()
        assert found.skipped
        assert "\x1b" not in str(found)
    else:
        assert found.where == "127.0.0.1"


def test_the_time_of_a_switch_is_limited() -> None:
    def slow(asked: Asked) -> bytes:
        first = asked.oid[-1] + 1 if len(asked.oid) > 9 else 1
        base = asked.oid[:-1] if len(asked.oid) > 11 else asked.oid
        return write_answer(asked, [((*base, first), write_number(1))])

    with running_liar(slow) as port:
        limits = SnmpLimits(seconds=0.4, tries=2, whole_seconds=0.3, per_second=20)
        (found,) = read_switches(["127.0.0.1"], SnmpAccess(community="x", port=port), limits)
    assert isinstance(found, SwitchTables)
    assert any("the switch's 0.3 s are over" in one.why for one in found.skipped)
