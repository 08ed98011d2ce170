from codered.model.firewall import FirewallState, PortRange
from codered.remediate.firewall.orders import find_order_problem
from codered.respond.containing import KERNEL_GRACE
from codered.respond.containment_aims import ALL_SLOWED, Aim, AutoOrders, make_order

ORDERS = AutoOrders(management=("192.0.2.0/24",), undo_after=60)
AIMS = (ALL_SLOWED, Aim("isolate_host"), Aim("block_outbound", "udp", 53), Aim("block_outbound", port=80, users=(7,)))


def test_every_order_can_be_carried_out_and_ends_by_itself() -> None:
    for aim in AIMS:
        order = make_order(aim, ORDERS)
        assert find_order_problem(aim.kind, order, FirewallState(name="codered-ab12")) == ""
        assert (order.management, order.confirm_within) == (ORDERS.management, 60 + KERNEL_GRACE)


def test_what_is_meant_for_some_users_leaves_the_frames_and_connections_of_others() -> None:
    order = make_order(AIMS[3], ORDERS)
    assert (order.users, order.frames, order.destroy) == ((7,), False, False)
    assert order.ports == (PortRange(protocol="tcp", first=80, last=80),)
    assert make_order(Aim("block_outbound", port=80), ORDERS).frames
