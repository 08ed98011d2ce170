"""Many orders on many devices: a thread for each device, all orders of one device by one session, each with its own
result.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import msgspec

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.devices.carrying_out import Answer, Prepared, distrust, put_all_in_place, renew_timer, take_back
from codered_hq.devices.drivers import open_driver
from codered_hq.model.device import Controlled, ControlOrder, ControlState, DeviceFailed, Driver, Timer

DEVICES_AT_ONCE = 16


class OrderResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one order: Controlled, or the error that it failed with."""

    order: ControlOrder
    answer: Answer


def put_many_in_place(
    configs: Sequence[DeviceConfig],
    orders: Sequence[ControlOrder],
    undo_seconds: int,
    prepared: Prepared | None = None,
) -> list[OrderResult]:
    """Carry out the orders, in the order in which they stand for each device. `prepared` (carrying_out) is called in
    the device's thread. One failing keeps nothing else from being done.
    """

    def carry_out(driver: Driver, mine: list[ControlOrder]) -> list[Answer]:
        return put_all_in_place(driver, mine, undo_seconds, prepared)

    return _deal_out(configs, orders, carry_out)


def take_many_back(
    configs: Sequence[DeviceConfig], begun: Sequence[tuple[ControlOrder, ControlState]]
) -> list[OrderResult]:
    """Take orders back, each with the state that was before it."""
    states = {order.label: before for order, before in begun}

    def take(driver: Driver, mine: list[ControlOrder]) -> list[Answer]:
        return [_take_one(driver, order, states[order.label]) for order in mine]

    return _deal_out(configs, [order for order, _ in begun], take)


def renew_one(
    configs: Sequence[DeviceConfig], order: ControlOrder, before: ControlState, undo_seconds: int
) -> Timer | DeviceFailed | WrongUse:
    """Give what is in place another time (seconds from now, 0 = for good)."""
    renewed: list[Timer] = []

    def renew(driver: Driver, mine: list[ControlOrder]) -> list[Answer]:
        try:
            renewed.append(renew_timer(driver, mine[0], before, undo_seconds))
        except (DeviceFailed, WrongUse) as error:
            return [error]
        return [Controlled(before=before, after=before, changed=False)]

    (result,) = _deal_out(configs, [order], renew)
    return renewed[0] if isinstance(result.answer, Controlled) else result.answer


def _take_one(driver: Driver, order: ControlOrder, before: ControlState) -> Answer:
    try:
        return take_back(driver, order, before)
    except (DeviceFailed, WrongUse) as error:
        return error


def _deal_out(
    configs: Sequence[DeviceConfig],
    orders: Sequence[ControlOrder],
    work: Callable[[Driver, list[ControlOrder]], list[Answer]],
) -> list[OrderResult]:
    by_name = {config.name: config for config in configs}
    names = list(dict.fromkeys(order.device for order in orders))

    def run(name: str) -> list[Answer]:
        mine = [order for order in orders if order.device == name]
        if name not in by_name:
            missing = WrongUse(f"no device is called {name}", where="headquarters.toml", advice="add it to [[devices]]")
            return [missing] * len(mine)
        try:
            with distrust(name):
                driver = open_driver(by_name[name])
        except (CodeRedError, DeviceFailed) as error:
            return [error if isinstance(error, DeviceFailed | WrongUse) else DeviceFailed(str(error))] * len(mine)
        try:
            return work(driver, mine)
        finally:
            with suppress(DeviceFailed, CodeRedError), distrust(name):
                driver.close()

    with ThreadPoolExecutor(min(DEVICES_AT_ONCE, len(names)) or 1) as threads:
        answers = dict(zip(names, map(iter, threads.map(run, names)), strict=True))
        return [OrderResult(order=order, answer=next(answers[order.device])) for order in orders]
