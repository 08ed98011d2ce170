"""Goals as decisions keep them, and what a user may name."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.containment.goals import Goal, check_vlan, name_target, read_networks, read_order, write_order
from codered_hq.gate.models import Decision


@pytest.mark.parametrize(
    ("goal", "target"),
    [
        (Goal(do="host", host=12), "host #12"),
        (Goal(do="port", switch="sw1", port="ge-0-3"), "port sw1 ge-0-3"),
        (Goal(do="vlan", vlan=20), "vlan 20"),
        (Goal(do="vlan", vlan=20, switch="sw1"), "vlan 20 on sw1"),
        (Goal(do="block", networks=("10.0.0.1/32", "fd00::1/128")), "address 10.0.0.1 fd00::1"),
        (Goal(do="subnet", networks=tuple(f"10.{one}.0.0/16" for one in range(6))),
         "subnet 10.0.0.0/16 10.1.0.0/16 10.2.0.0/16 10.3.0.0/16 and 2 more"),
        (Goal(do="release", uids=("0123456789abcdef",)), "containment 01234567"),
    ],
)  # fmt: skip
def test_goals_are_named_and_kept(goal: Goal, target: str) -> None:
    assert name_target(goal) == target
    assert read_order(Decision(uid="0" * 32, order=write_order(goal))) == goal


@pytest.mark.parametrize(
    "order", [{}, [], {"word": "fleet"}, {"word": "contain"}, {"word": "contain", "goal": {"do": "x"}}]
)
def test_what_is_no_goal(order: object) -> None:
    with pytest.raises(WrongUse):
        read_order(Decision(uid="0" * 32, order=order))


def test_networks_and_vlans() -> None:
    assert read_networks(("10.1.2.3", "10.1.2.3/24", "10.1.2.9/24", "FD00::1")) == (
        "10.1.2.3/32",
        "10.1.2.0/24",
        "fd00::1/128",
    )
    for wrong in ("x", "0.0.0.0/0", "127.0.0.1", "224.0.0.1", "10.0.0.0/7", "::/0", "10.0.0.1;reload", "fe80::1%eth0"):
        with pytest.raises(WrongUse):
            read_networks((wrong,))
    assert check_vlan(4094) == 4094
    for number in (0, 4095, -1):
        with pytest.raises(WrongUse):
            check_vlan(number)
