"""Many orders at once: each has its own result, whatever becomes of the others."""

import time

import msgspec

from codered.model.errors import WrongUse
from codered_hq.devices.many import put_many_in_place, take_many_back
from codered_hq.model.device import Controlled, ControlOrder, ControlState, DeviceSilent
from tests.fixtures.networks import inside
from tests.fixtures.ovs_switches import Switch


def make_order(device: str, port: str) -> ControlOrder:
    return ControlOrder(kind="disable_port", device=device, label=f"{device}-{port}", port=port)


def test_half_of_them_fail_and_the_others_are_done_and_undone(ovs_switch: Switch) -> None:
    config = ovs_switch.config()
    away = msgspec.structs.replace(config, name="away", port=1161, seconds=0.2)
    badly = msgspec.structs.replace(config, name="badly", community="too")
    ports = ("m1", *ovs_switch.spare)
    orders = [make_order("sw1", port) for port in ports]
    others = [make_order(device, port) for device in ("away", "badly", "unknown") for port in ("m1", "m2")]
    prepared: list[str] = []
    mixed = [each for pair in zip(orders, others, strict=False) for each in pair] + others[5:]
    with inside(ovs_switch.hq):
        results = put_many_in_place(
            [config, away, badly], mixed, 3600, lambda order, _before, _backup: prepared.append(order.port)
        )
        assert [one.order for one in results] == mixed
        kinds = {one.order.device: type(one.answer) for one in results}
        assert kinds == {"sw1": Controlled, "away": DeviceSilent, "badly": WrongUse, "unknown": WrongUse}
        assert sorted(prepared) == sorted(ports)
        assert not any(ovs_switch.is_up(port) for port in ports)
        done = [(one.order, one.answer.before) for one in results if isinstance(one.answer, Controlled)]
        done.append((make_order("away", "m1"), ControlState(values={"admin": "up"})))
        back = take_many_back([config, away], done)
    assert [type(one.answer) for one in back] == [Controlled] * len(ports) + [DeviceSilent]
    until = time.monotonic() + 5
    while not all(ovs_switch.is_up(port) for port in ports):
        assert time.monotonic() < until
    assert put_many_in_place([], [], 0) == []
