"""Carrying out an order on a device: read, refuse what is not as expected, back up, change, read back, and take it back
if the device says something else than was asked. The verbs are those of a change on a host.
"""

import math
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple, Protocol, runtime_checkable

import msgspec

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.model.device import (
    Controlled,
    ControlOrder,
    ControlState,
    DeviceFailed,
    DeviceSilent,
    Driver,
    NotTakenBack,
    Timer,
)

PATIENCE = 4.0
"""Seconds until a device must say what was asked: links take their time, and some agents (net-snmp) tell what was so
three seconds ago.
"""
FOLLOWING: Final = frozenset(["oper"])
"""Words of a state that the other end of a cable has a say in: they are no reason to say that nothing was undone."""
OF_PARTS: Final = frozenset(["shut_vlan", "block_address", "block_subnet"])
"""Orders whose words of a state stand for one port or network each: what somebody else touched does not keep the
others from being taken back.
"""
Prepared = Callable[[ControlOrder, ControlState, bytes], None]
Answer = Controlled | DeviceFailed | WrongUse


@runtime_checkable
class KeepsTimer(Protocol):
    """A driver whose device holds timers that can be taken away alone."""

    def drop_timer(self, order: ControlOrder, before: ControlState) -> None:
        """Take the timer away and leave everything else as it is."""
        ...


@runtime_checkable
class RenewsTimer(Protocol):
    """A driver whose device can be given another time for what is in place."""

    def renew_timer(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        """What is in place stays so; the device undoes it after so many seconds from now (0 = for good)."""
        ...


_LIES = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError,
    ValueError, msgspec.MsgspecError, struct.error,
)  # fmt: skip
"""What code that takes an answer for what it should be falls over."""


@contextmanager
def distrust(device: str) -> Iterator[None]:
    """What an answer that lies brings out of a driver is a failure of its device: it must not keep the others from
    being taken back. Raises DeviceFailed, CodeRedError.
    """
    try:
        yield
    except (DeviceFailed, CodeRedError):
        raise
    except _LIES as error:
        said = (str(error).splitlines() or [""])[0][:150]
        raise DeviceFailed(f"{device}: can't be understood ({type(error).__name__}: {said!a})") from error


class _Begun(NamedTuple):
    """An order that was given to the device; `wanted` is what it must say then."""

    order: ControlOrder
    before: ControlState
    wanted: ControlState
    backup: bytes
    timer: Timer = Timer(where="none")
    rings: float = math.inf  # when that timer takes it back, on the clock of monotonic()


def put_all_in_place(
    driver: Driver, orders: Iterable[ControlOrder], undo_seconds: int, prepared: Prepared | None = None
) -> list[Answer]:
    """Carry out several orders on one device, each for itself: all are given first, then all are read back. The device
    undoes them after so many seconds if it can (0 = for good). `prepared` is called with the order, the state before
    and the backup just before anything is changed. Answers that are errors: WrongUse for what it can't do, DeviceFailed
    if nothing is in place, NotTakenBack if something may be.
    """
    steps: list[_Begun | Answer] = []
    silent: DeviceSilent | None = None
    for order in orders:
        steps.append(step := silent or _begin(driver, order, undo_seconds, prepared))
        silent = silent or (step if isinstance(step, DeviceSilent) else None)
    until = time.monotonic() + PATIENCE
    return [_finish(driver, step, until) if isinstance(step, _Begun) else step for step in steps]


def _begin(driver: Driver, order: ControlOrder, undo_seconds: int, prepared: Prepared | None) -> _Begun | Answer:
    try:
        with distrust(order.device):
            before = driver.read_state(order)
            wanted = driver.find_outcome(order, before)
            if fits(before, wanted.values):
                return Controlled(before=before, after=before, changed=False)
            backup = driver.back_up()
    except (DeviceFailed, WrongUse) as error:
        return error
    if prepared:
        prepared(order, before, backup)
    begun = _Begun(order, before, wanted, backup)
    try:
        begun = begun._replace(rings=time.monotonic() + undo_seconds)
        with distrust(order.device):
            return begun._replace(timer=driver.change(order, before, undo_seconds))
    except DeviceFailed as error:
        return _give_up(driver, begun, error)


def _finish(driver: Driver, begun: _Begun, until: float) -> Controlled | DeviceFailed:
    try:
        after = _read_until(driver, begun.order, begun.wanted.values, until)
        if not fits(after, begun.wanted.values):
            early = begun.timer.where == "device" and time.monotonic() >= begun.rings
            if early and fits(after, _without_following(begun.before.values)):
                raise DeviceFailed(f"{begun.order.device}: its own timer took it back before it could be read")
            raise DeviceFailed(
                f"{begun.order.device}: it took the order and says {_tell(after, begun.wanted)} instead of "
                f"{_tell(begun.wanted, begun.wanted)}"
            )
    except DeviceFailed as error:
        return _give_up(driver, begun, error)
    return Controlled(before=begun.before, after=after, backup=begun.backup, timer=begun.timer)


def _give_up(driver: Driver, begun: _Begun, error: DeviceFailed) -> DeviceFailed:
    """Take back what may have been done, and say whether that is so now."""
    wanted = _without_following(begun.before.values)
    try:
        with distrust(begun.order.device):
            driver.undo(begun.order, begun.before)
        after = _read_until(driver, begun.order, wanted, time.monotonic() + PATIENCE)
    except DeviceFailed as second:
        return NotTakenBack(f"{error}; taking it back failed too ({second})")
    if not fits(after, wanted):
        return NotTakenBack(f"{error}; after taking it back it says {_tell(after, begun.before)}")
    return DeviceFailed(f"{error}; nothing of it is in place")


def take_back(driver: Driver, order: ControlOrder, before: ControlState) -> Controlled:
    """Have it again as it was, and the device's timer gone. What somebody else changed meanwhile is left as it is and
    named in `touched`. Idempotent. Raises DeviceFailed if the device does not answer or does not do it.
    """
    with distrust(order.device):
        return _take_back(driver, order, before)


def renew_timer(driver: Driver, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
    """What is in place stays so, for so many seconds from now (0 = for good); where the device can't be given another
    time it keeps none. Raises DeviceFailed, WrongUse.
    """
    with distrust(order.device):
        if isinstance(driver, RenewsTimer):
            return driver.renew_timer(order, before, undo_seconds)
        driver.undo(order, driver.find_outcome(order, before))  # "back" to what was ordered: that ends its timer
        return Timer(where="none")


def is_in_place(driver: Driver, order: ControlOrder, before: ControlState | None) -> bool:
    """Whether the device says now what was ordered; with no state before, whether anything of it. Raises DeviceFailed,
    WrongUse.
    """
    with distrust(order.device):
        now = driver.read_state(order)
        wanted = driver.find_outcome(order, before or now).values
    if before:
        return fits(now, wanted)
    return any(now.values.get(word) == value for word, value in _without_following(wanted).items())


def _take_back(driver: Driver, order: ControlOrder, before: ControlState) -> Controlled:
    now = driver.read_state(order)
    wanted = _without_following(before.values)
    if fits(now, wanted):
        _drop_timer(driver, order, before)
        return Controlled(before=now, after=now, changed=False)
    touched = _list_touched(driver, order, before, now)
    rest = {word: value for word, value in before.values.items() if word not in touched}
    if touched and (order.kind not in OF_PARTS or not rest):
        _drop_timer(driver, order, before)
        return Controlled(before=now, after=now, changed=False, touched=touched)
    driver.undo(order, ControlState(values=rest))
    wanted = _without_following(rest)
    after = _read_until(driver, order, wanted, time.monotonic() + PATIENCE)
    if not fits(after, wanted):
        raise DeviceFailed(f"{order.device}: it was told to take it back and says {_tell(after, before)}")
    return Controlled(before=now, after=after, touched=touched)


def _list_touched(driver: Driver, order: ControlOrder, before: ControlState, now: ControlState) -> tuple[str, ...]:
    """The words that say neither what was ordered nor what was so before."""
    with suppress(WrongUse):  # what it was, it could do then; its settings may be others today
        ordered = driver.find_outcome(order, before).values
        return tuple(
            word
            for word, value in _without_following(before.values).items()
            if now.values.get(word) not in (value, ordered.get(word, value))
        )
    return ()


def _drop_timer(driver: Driver, order: ControlOrder, before: ControlState) -> None:
    if isinstance(driver, KeepsTimer):
        driver.drop_timer(order, before)


def fits(state: ControlState, wanted: dict[str, str]) -> bool:
    """Whether a device says all of what is wanted; it may say more."""
    return all(state.values.get(word) == value for word, value in wanted.items())


def _without_following(values: dict[str, str]) -> dict[str, str]:
    return {word: value for word, value in values.items() if word not in FOLLOWING}


def _read_until(driver: Driver, order: ControlOrder, wanted: dict[str, str], until: float) -> ControlState:
    """The state once it fits, or the last one before patience ends."""
    pause = 0.02
    while True:
        with distrust(order.device):
            state = driver.read_state(order)
        if fits(state, wanted) or time.monotonic() >= until:
            return state
        time.sleep(pause)
        pause = min(pause * 2, 0.4)


def _tell(state: ControlState, about: ControlState) -> str:
    words = [f"{word} {state.values.get(word, 'nothing')}" for word in list(about.values)[:4]]
    return ", ".join(words) + (", …" if len(about.values) > len(words) else "")
