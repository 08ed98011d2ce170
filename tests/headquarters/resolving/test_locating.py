"""Places judged: switches made up for one question each, and the three recorded ones with their right answers."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from codered_hq.resolving.locating import Located, locate, view_ports
from codered_hq.resolving.snmp_access import SnmpAccess, SnmpLimits
from codered_hq.resolving.switch_reading import read_switches
from codered_hq.resolving.switch_tables import Neighbour, Port, SeenMac, SwitchTables
from tests.fixtures.played_devices import make_tables
from tests.fixtures.snmp_agents import COMMUNITY, running_agent

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PC, OTHER = "00:50:56:00:00:01", "00:50:56:00:00:02"


def make_macs(count: int, first: int = 0x100) -> list[str]:
    return [f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}" for number in range(first, first + count)]


def make_switch(
    name: str,
    behind: dict[int, Iterable[str]],
    neighbours: tuple[Neighbour, ...] = (),
    own: Iterable[str] = (),
    down: tuple[int, ...] = (),
) -> SwitchTables:
    return SwitchTables(
        address=f"192.0.2.{len(name)}",
        name=name,
        ports=tuple(
            Port(number=port, name=f"g{port}", description=f"room {port}", up=port not in down) for port in behind
        ),
        macs=tuple(SeenMac(mac=mac, port=port, vlan=20) for port, macs in behind.items() for mac in macs),
        neighbours=neighbours,
        own_macs=frozenset(own),
        seen_at=NOW,
    )


def show(found: Located) -> list[tuple[str, str, int]]:
    return [(place.switch, place.port, place.macs) for place in found.places]


def explain(found: Located, mac: str = PC) -> str:
    return " | ".join(reason.why for reason in found.reasons if reason.where == mac)


def test_the_port_itself() -> None:
    found = locate([PC], [make_switch("floor1", {1: [PC], 2: [OTHER]})])
    (place,) = found.places
    assert (place.switch, place.switch_address, place.port) == ("floor1", "192.0.2.6", "g1")
    assert (place.description, place.vlan, place.macs, place.seen_at) == ("room 1", 20, 1, NOW)
    assert found.reasons == ()


def test_uplinks_are_left_out_by_their_neighbours() -> None:
    core = make_switch("core", {1: [PC, *make_macs(20)]}, (Neighbour(port=1, name="floor1", bridges=True),))
    floor = make_switch("floor1", {3: [PC], 24: make_macs(20)})
    assert show(locate([PC], [core, floor])) == [("floor1", "g3", 1)]
    alone = locate([PC], [core])
    assert alone.places == ()
    assert explain(alone).startswith("seen only on links between switches: core port g1, its neighbour floor1 is")


def test_uplinks_are_known_by_the_switches_behind_them() -> None:
    """Without LLDP: the other switch's own MAC is seen there."""
    core = make_switch("core", {1: [PC, "02:aa:00:00:00:01"]}, own=["02:aa:00:00:00:09"])
    floor = make_switch("floor1", {3: [PC, OTHER]}, own=["02:aa:00:00:00:01"])
    assert show(locate([PC], [core, floor])) == [("floor1", "g3", 2)]
    # A host whose agent answers has no MAC table: it makes no uplink of its port.
    host = make_switch("server", {}, own=[OTHER])
    assert show(locate([OTHER], [floor, host])) == [("floor1", "g3", 2)]


def test_a_crowd_with_a_virtual_router_is_an_uplink() -> None:
    found = locate([PC], [make_switch("floor1", {24: [PC, "00:00:5e:00:01:05", *make_macs(9)]})])
    assert found.places == ()
    assert "11 MACs and a virtual router (00:00:5e:00:01:05) are behind it" in explain(found)
    pair = locate([PC], [make_switch("floor1", {24: [PC, "00:00:5e:00:01:05"]})])  # two firewalls that share an address
    assert show(pair) == [("floor1", "g24", 2)]


def test_the_nearer_of_two_switches() -> None:
    """No neighbours known: what is behind the nearer one is part of what is behind the farther one."""
    far, near = make_switch("core", {1: [PC, *make_macs(30)]}), make_switch("floor1", {3: [PC], 24: make_macs(30)})
    found = locate([PC], [far, near])
    assert show(found) == [("floor1", "g3", 1)]
    assert explain(found) == ""


def test_two_edge_ports_at_once_are_a_conflict() -> None:
    one, other = make_switch("floor1", {3: [PC]}), make_switch("floor22", {7: [PC]})
    found = locate([PC], [one, other])
    assert show(found) == [("floor1", "g3", 1), ("floor22", "g7", 1)]
    assert explain(found).startswith("on several ports at once: floor1 port g3, floor22 port g7;")
    same = locate([PC], [make_switch("floor1", {3: [PC], 4: [PC]})])
    assert len(same.places) == 2
    assert "several ports" in explain(same)


def test_what_stands_behind_a_port_is_said() -> None:
    few = locate([PC], [make_switch("floor1", {3: [PC, *make_macs(4)]})])
    assert show(few) == [("floor1", "g3", 5)]
    assert "a small switch, an access point or a host of virtual machines" in explain(few)
    many = locate([PC], [make_switch("floor1", {3: [PC, *make_macs(40)]})])
    assert "41 MACs behind floor1 port g3: a switch that was not read" in explain(many)


def test_old_rows_on_ports_that_are_down_say_nothing() -> None:
    found = locate([PC], [make_switch("floor1", {3: [PC], 4: [OTHER]}, down=(3,))])
    assert found.places == ()
    assert explain(found) == "only on ports that are down: floor1 port g3; an old row says nothing"
    moved = locate([PC], [make_switch("floor1", {3: [PC], 4: []}, down=(3,)), make_switch("floor22", {7: [PC]})])
    assert show(moved) == [("floor22", "g7", 1)]


def test_a_machine_that_calls_itself_a_bridge_is_at_its_own_cable() -> None:
    docker = Neighbour(port=3, name="builder", mac=PC, bridges=True)
    assert show(locate([PC], [make_switch("floor1", {3: [PC]}, (docker,))])) == [("floor1", "g3", 1)]
    true_switch = make_switch("floor22", {1: [OTHER]}, own=[PC])
    found = locate([PC], [make_switch("floor1", {3: [PC]}, (docker,)), true_switch])
    assert found.places == ()


def test_macs_that_no_machine_has() -> None:
    lying = make_switch("floor1", {3: ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", PC]})
    found = locate(["ff:ff:ff:ff:ff:ff", "00:00:0c:07:ac:01", OTHER, PC, PC], [lying])
    assert show(found) == [("floor1", "g3", 1)]
    whys = {reason.where: reason.why for reason in found.reasons}
    assert whys["floor1"] == "2 MACs of groups as if they were machines: not taken"
    assert whys["ff:ff:ff:ff:ff:ff"] == "the address of everybody"
    assert "HSRP" in whys["00:00:0c:07:ac:01"]
    assert whys[OTHER] == "no switch that was read has seen it"


def read_recorded(folder: Path, name: str) -> SwitchTables:
    with running_agent(folder, name) as agent:
        (found,) = read_switches([agent.address], SnmpAccess(community=COMMUNITY, port=agent.port), SnmpLimits())
    assert isinstance(found, SwitchTables)
    return found


def test_right_places_on_a_procurve(tmp_path: Path) -> None:
    """Checked by hand: its port 17 leads to a Nexus (LLDP); 1 to 16 are a server each, some with virtual machines."""
    tables = read_recorded(tmp_path, "hpe-procurve")
    found = locate([seen.mac for seen in tables.macs], [tables])
    places = {place.mac: place for place in found.places}
    expected = {
        "00:50:56:88:08:88": ("9", 50, 5),
        "00:50:56:88:01:25": ("11", 50, 11),
    }
    for mac, expect in expected.items():
        assert (places[mac].port, places[mac].vlan, places[mac].macs) == expect
    # A server that has sent nothing yet but LLDP.
    (silent,) = locate(["e8:39:35:1a:ca:99"], [tables]).places
    assert (silent.port, silent.vlan) == ("8", 0)
    counts = Counter(place.port for place in found.places)
    assert counts["17"] <= 1  # the Nexus itself
    assert (counts["1"], counts["11"], counts["9"], counts["10"]) == (22, 11, 5, 5)
    assert sum("its neighbour NWPU-CA-5548-01" in reason.why for reason in found.reasons) >= 190
    told = set(places) | {reason.where for reason in found.reasons}
    assert told >= {seen.mac for seen in tables.macs}


def test_right_places_on_a_ruijie_and_a_huawei(tmp_path: Path) -> None:
    """The Ruijie gathers eleven switches that were not read: each MAC has its port, and that is said. The Huawei's
    trunk 4 leads to its twin (VRRP), bridge port 2; the others are cards of access switches.
    """
    ruijie = read_recorded(tmp_path / "r", "ruijie-s5750")
    found = locate([seen.mac for seen in ruijie.macs], [ruijie])
    counts = Counter(place.port for place in found.places)
    assert counts == {
        "Gi0/13": 63, "Gi0/1": 60, "Gi0/16": 44, "Gi0/22": 41, "Gi0/18": 40, "Gi0/20": 33, "Gi0/9": 27, "Gi0/10": 26,
        "Gi0/4": 21, "Gi0/5": 15, "Gi0/11": 11,
    }  # fmt: skip
    assert sum("a switch that was not read" in reason.why for reason in found.reasons) == 381
    huawei = read_recorded(tmp_path / "h", "huawei-s12704")
    found = locate([seen.mac for seen in huawei.macs], [huawei])
    places = {place.mac: place.port for place in found.places}
    assert places["00:2e:c7:58:b0:84"] == "XGigabitEthernet2/0/0"
    assert places["00:2e:c7:58:b1:2b"] == "XGigabitEthernet2/0/3"
    assert "Eth-Trunk4" not in places.values()
    assert sum("port Eth-Trunk4, 102 MACs and a virtual router" in reason.why for reason in found.reasons) == 101


def test_ports_as_they_are_seen() -> None:
    behind = ["02:00:00:00:05:01/10", "02:00:00:00:05:01/20", "02:00:00:00:05:02/20"]
    free, trunk, up, _kept = view_ports([make_tables("192.0.2.1", {"p1": [], "p2": behind, "p3": []}, links=["p3"])])
    assert (free.name, free.macs, free.trunk, free.link) == ("p1", frozenset(), False, "")
    assert (trunk.vlans, trunk.trunk, len(trunk.macs), trunk.switch) == (frozenset([10, 20]), True, 2, "192.0.2.1")
    assert "its neighbour core is a switch" in up.link
