"""What must never be cut off, and what can't be seen."""

import msgspec
import pytest

from codered.model.errors import RolledBack
from codered_hq.config import Config
from codered_hq.containment.guarding import guard_networks, guard_port, guard_vlan
from codered_hq.containment.lifelines import Lifelines
from tests.fixtures.inventories import document_subnets
from tests.fixtures.played_devices import make_switch, make_tables, surround

SWITCH = make_switch("sw1", "192.0.2.10")
OURS = "02:00:00:00:0a:0a"
LINES = Lifelines({OURS: "headquarters itself"}, {"10.1.0.1": "the router of headquarters"})


def name_macs(number: int) -> list[str]:
    return [f"02:00:00:00:02:{one:02x}" for one in range(number)]


@pytest.mark.django_db
def test_ports() -> None:
    ports = {
        "free": name_macs(2), "kept": [], "crowd": name_macs(9), "up": [], "ours": [OURS],
        "trunk": ["02:00:00:00:03:01/10", "02:00:00:00:03:01/20"],
        "many": ["02:00:00:00:03:02/10", "02:00:00:00:03:03/20", "02:00:00:00:03:04/30"],
    }  # fmt: skip
    sight = surround(Config(devices=(SWITCH,)), make_tables(SWITCH.address, ports, links=["up"])).sight
    said = {port: guard_port(SWITCH, port, sight, LINES) for port in [*ports, "none"]}
    assert said["free"] == ""
    for port, words in (
        ("kept", "keep_ports"), ("crowd", "9 MACs"), ("up", "is a link: its neighbour core"), ("trunk", "trunk"),
        ("many", "trunk"), ("ours", "headquarters itself is behind"), ("none", "has no ports named none"),
    ):  # fmt: skip
        assert words in said[port], port
    misnamed = msgspec.structs.replace(SWITCH, keep_ports=("kept", "GigabitEthernet0/1"))
    for reason in (guard_port(misnamed, "free", sight, LINES), guard_vlan(40, [misnamed], sight, LINES)):
        assert (
            "names GigabitEthernet0/1, which it does not have" in reason
        )  # a port that nobody knows keeps all of them
    blind = surround(Config(devices=(SWITCH,))).sight
    with pytest.raises(RolledBack, match="can't see what is behind it: SNMP: no answer") as failed:
        guard_port(SWITCH, "free", blind, LINES, "10.1.9.9")
    assert failed.value.advice == "nothing was changed; codered contain block 10.1.9.9"


@pytest.mark.django_db
def test_networks_and_vlans() -> None:
    assert guard_networks(["10.1.0.0/24"], LINES) == "the router of headquarters (10.1.0.1) is in 10.1.0.0/24"
    assert guard_networks(["10.1.1.0/24", "fd00::/64"], LINES) == ""
    sight = surround(Config(devices=(SWITCH,)), make_tables(SWITCH.address, {"p1": [f"{OURS}/30"]})).sight
    assert "headquarters itself is in VLAN 30" in guard_vlan(30, [SWITCH], sight, LINES)
    assert guard_vlan(40, [SWITCH], sight, LINES) == ""
    document_subnets("10.1.0.0/24", vlan=40)  # type: ignore[arg-type]
    assert "which is VLAN 40" in guard_vlan(40, [SWITCH], sight, LINES)
    blind = surround(Config(devices=(SWITCH,))).sight
    with pytest.raises(RolledBack, match="can't see what is in VLAN 50"):
        guard_vlan(50, [SWITCH], blind, LINES)
