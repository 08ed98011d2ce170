import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.export.controls.orders import (
    LISTED,
    MOST_ADDRESSES,
    PLATFORMS,
    ControlsOrder,
    check_order,
    read_networks,
)
from codered.model.errors import WrongUse
from codered.model.firewall import PortRange


def test_addresses_are_read_once_and_sorted() -> None:
    found = read_networks(("2001:db8::5", "192.0.2.9/24", "192.0.2.0/24", "10.0.0.1"))
    assert [str(network) for network in found] == ["10.0.0.1/32", "192.0.2.0/24", "2001:db8::5/128"]


@pytest.mark.parametrize(
    "text",
    ["", "x", "192.0.2.1\nno ip access-list", "fe80::1%eth0", "0.0.0.0/0", "127.0.0.1", "224.0.0.1", "::", "1.0.0.0/7"],
)
def test_what_is_no_address_stands_in_no_control(text: str) -> None:
    with pytest.raises(WrongUse):
        read_networks((text,))


@given(st.text(max_size=60))
def test_whatever_a_report_names_is_an_address_or_refused(text: str) -> None:
    try:
        found = read_networks((text,))
    except WrongUse:
        return
    assert all(ipaddress.ip_network(str(network)) == network for network in found)


@pytest.mark.parametrize(
    "wrong",
    [
        ControlsOrder(ports=(PortRange(protocol="tcp", first=0, last=1),)),
        ControlsOrder(ports=(PortRange(protocol="tcp", first=2, last=1),)),
        ControlsOrder(ports=(PortRange(protocol="udp", first=1, last=65536),)),
        ControlsOrder(ports=(PortRange(protocol="icmp", first=1, last=1),)),  # type: ignore[arg-type]
        ControlsOrder(ports=tuple(PortRange(protocol="tcp", first=n, last=n) for n in range(1, 103))),
        ControlsOrder(inside="a b"),
        ControlsOrder(outside="x\ny"),
        ControlsOrder(platforms=()),
        ControlsOrder(platforms=("openbsd",)),  # type: ignore[arg-type]
        ControlsOrder(confirm_within=-1),
        ControlsOrder(infected=("192.0.2.1",), attackers=("192.0.2.0/24",)),
        ControlsOrder(infected=tuple(f"10.0.{n // 250}.{n % 250}" for n in range(MOST_ADDRESSES + 1))),
    ],
)
def test_what_can_not_stand_in_a_control_is_refused(wrong: ControlsOrder) -> None:
    with pytest.raises(WrongUse):
        check_order(wrong)


def test_an_order_that_is_right(order: ControlsOrder) -> None:
    checked = check_order(order)
    assert [str(network) for network in checked.networks("infected")] == ["192.0.2.5/32", "2001:db8::5/128"]
    assert len(checked.networks("attackers")) == 3
    assert set(LISTED) < set(PLATFORMS)
