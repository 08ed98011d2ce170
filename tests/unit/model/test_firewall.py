from datetime import UTC, datetime

import msgspec

from codered.model.firewall import (
    CONTAINMENT_FORMAT,
    ContainmentStatus,
    FirewallOrder,
    FirewallState,
    PortRange,
    Session,
)
from codered.model.plan import State


def test_an_order_comes_back_as_it_was_given() -> None:
    order = FirewallOrder(
        sessions=(Session(local="192.0.2.1", local_port=22, remote="192.0.2.9", remote_port=50000),),
        ports=(PortRange(protocol="udp", first=1, last=9),),
        per_second=0.5,
        destroy=False,
    )
    assert msgspec.json.decode(msgspec.json.encode(order), type=FirewallOrder) == order


def test_the_state_of_the_firewall_is_told_from_other_states() -> None:
    state = FirewallState(name="codered-1")
    assert msgspec.json.decode(msgspec.json.encode(state))["of"] == "firewall"
    assert msgspec.json.decode(msgspec.json.encode(state), type=State) == state


def test_a_status_names_its_format() -> None:
    status = ContainmentStatus(plan="contain-1", kind="isolate_host", state="off", since=datetime.now(UTC))
    assert msgspec.json.decode(msgspec.json.encode(status))["format"] == CONTAINMENT_FORMAT
