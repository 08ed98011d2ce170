import msgspec
import pytest

from codered.export.controls.openc2 import MOST_COMMANDS, make_openc2_control
from codered.export.controls.orders import CheckedOrder, ControlsOrder, check_order
from codered.model.errors import WrongUse
from codered.model.firewall import PortRange


def test_a_deny_for_each_address_and_port_each_with_its_undo(checked: CheckedOrder) -> None:
    control = make_openc2_control(checked)
    denies, undo = msgspec.json.decode(control.apply), msgspec.json.decode(control.undo)
    assert len(denies) == len(undo) == 2 * 4 + 3
    assert [one["undoes"] for one in undo] == [one["command_id"] for one in denies]
    first = denies[0]["command"]
    assert (first["action"], list(first["actuator"])) == ("deny", ["slpf"])
    assert first["target"] == {
        "ipv4_connection": {"protocol": "tcp", "dst_port": 80, "src_addr": "192.0.2.5/32"}
    }  # fmt: skip
    assert first["args"]["slpf"]["direction"] == "egress"
    assert first["args"]["response_requested"] == "complete", "the answer names the rule number that the undo needs"
    assert denies[-1]["command"]["target"] == {"ipv6_connection": {"src_addr": "2001:db8::9/128"}}
    assert denies[-1]["command"]["args"]["slpf"]["direction"] == "ingress"
    assert all(list(one["command"]["target"]) == ["slpf:rule_number"] for one in undo)


def test_without_ports_one_deny_an_address() -> None:
    control = make_openc2_control(check_order(ControlsOrder(infected=("192.0.2.5",))))
    (deny,) = msgspec.json.decode(control.apply)
    assert deny["command"]["target"] == {"ipv4_connection": {"src_addr": "192.0.2.5/32"}}


def test_too_many_are_refused() -> None:
    ports = (PortRange(protocol="tcp", first=1, last=MOST_COMMANDS + 1),)
    with pytest.raises(WrongUse, match="too many"):
        make_openc2_control(check_order(ControlsOrder(infected=("192.0.2.5",), ports=ports)))
