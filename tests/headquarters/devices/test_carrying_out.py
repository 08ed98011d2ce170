"""The order of the verbs, on devices that do as they are told and on others."""

import pytest

from codered.model.errors import WrongUse
from codered_hq.devices import carrying_out
from codered_hq.devices.carrying_out import (
    fits,
    is_in_place,
    put_all_in_place,
    renew_timer,
    take_back,
)
from codered_hq.model.device import (
    Controlled,
    ControlOrder,
    ControlState,
    DeviceFailed,
    DeviceSilent,
    NotTakenBack,
    Timer,
)
from tests.fixtures.carried_out import put_in_place

ORDER = ControlOrder(kind="disable_port", device="sw1", label="cr-1", port="1")


class Played:
    """A device that is a dictionary; `deaf` to these verbs, `broken` at them."""

    def __init__(self, *, deaf: tuple[str, ...] = (), broken: tuple[str, ...] = (), ordered: str = "down") -> None:
        self.values = {"admin": "up", "oper": "up"}
        self.calls: list[str] = []
        self.deaf, self.broken, self.ordered = deaf, broken, ordered

    def _hear(self, verb: str) -> bool:
        self.calls.append(verb)
        if verb in self.broken:
            raise DeviceSilent("sw1: nobody there")
        return verb not in self.deaf

    def read_state(self, order: ControlOrder) -> ControlState:
        self._hear("read")
        return ControlState(values=dict(self.values))

    def find_outcome(self, order: ControlOrder, before: ControlState) -> ControlState:
        if order.port == "kept":
            raise WrongUse("kept", where="sw1")
        return ControlState(values={"admin": self.ordered, "oper": "down"})

    def back_up(self) -> bytes:
        self._hear("back up")
        return b"configuration"

    def change(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        if self._hear("change"):
            self.values = {"admin": "down", "oper": "down"}
        return Timer(where="device", how=f"{undo_seconds}")

    def undo(self, order: ControlOrder, before: ControlState) -> None:
        if self._hear("undo"):
            self.values |= {"admin": before.values["admin"]}  # the other end of the cable takes its time

    def drop_timer(self, order: ControlOrder, before: ControlState) -> None:
        self._hear("drop timer")

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying_out, "PATIENCE", 0.05)


def test_it_is_read_backed_up_changed_read_and_taken_back() -> None:
    device = Played()
    done = put_in_place(device, ORDER, 60, lambda *_: device.calls.append("prepared"))
    assert device.calls == ["read", "back up", "prepared", "change", "read"]
    assert done == Controlled(
        before=ControlState(values={"admin": "up", "oper": "up"}), after=ControlState(values=device.values),
        backup=b"configuration", timer=Timer(where="device", how="60"),
    )  # fmt: skip
    assert not put_in_place(device, ORDER, 60).changed
    assert take_back(device, ORDER, done.before).changed
    device.calls.clear()
    assert not take_back(device, ORDER, done.before).changed
    assert device.calls == ["read", "drop timer"]
    device.values = {"admin": "testing", "oper": "up"}
    device.calls.clear()
    back = take_back(device, ORDER, done.before)
    assert (back.changed, back.touched, device.calls) == (False, ("admin",), ["read", "drop timer"])


@pytest.mark.parametrize(
    ("device", "kind", "said"),
    [
        (Played(deaf=("change",)), DeviceFailed, "it took the order and says admin up"),
        (Played(ordered="testing"), DeviceFailed, "nothing of it is in place"),
        (Played(broken=("change",)), DeviceFailed, "nobody there; nothing of it is in place"),
        (Played(ordered="testing", deaf=("undo",)), NotTakenBack, "after taking it back it says admin down"),
        (Played(broken=("change", "undo")), NotTakenBack, "taking it back failed too"),
        (Played(broken=("read",)), DeviceSilent, "nobody there"),
        (Played(broken=("back up",)), DeviceSilent, "nobody there"),
    ],
)
def test_what_is_not_read_back_is_not_in_place(device: Played, kind: type[DeviceFailed], said: str) -> None:
    with pytest.raises(DeviceFailed, match=said) as caught:
        put_in_place(device, ORDER, 60)
    assert type(caught.value) is kind
    if kind is not NotTakenBack:
        assert device.values["admin"] == "up"


def test_who_does_not_answer_is_not_asked_fifty_times() -> None:
    device = Played(broken=("read",))
    answers = put_all_in_place(device, [ORDER] * 50, 60)
    assert (len(answers), device.calls) == (50, ["read"])
    mixed = put_all_in_place(
        Played(), [ControlOrder(kind="disable_port", device="sw1", label="x", port="kept"), ORDER], 0
    )
    assert [type(one) for one in mixed] == [WrongUse, Controlled]


def test_a_device_that_does_not_take_it_back_is_told() -> None:
    device = Played(deaf=("undo",))
    before = put_in_place(device, ORDER, 0).before
    with pytest.raises(DeviceFailed, match="told to take it back and says admin down"):
        take_back(device, ORDER, before)
    assert fits(ControlState(values={"a": "1", "b": "2"}), {"a": "1"})


class Lying(Played):
    """What it answers brings out a bug of its driver."""

    def _hear(self, verb: str) -> bool:
        self.calls.append(verb)
        if verb in self.broken:
            raise ValueError(f"no number at {verb}\nand more")
        return True


def test_a_bug_that_a_device_brings_out_is_its_failure() -> None:
    (answer,) = put_all_in_place(Lying(broken=("read",)), [ORDER], 0)
    assert (type(answer), str(answer)) == (
        DeviceFailed,
        "sw1: can't be understood (ValueError: 'no number at read')",
    )
    (half,) = put_all_in_place(Lying(broken=("change", "undo")), [ORDER], 0)
    assert isinstance(half, NotTakenBack)
    with pytest.raises(DeviceFailed, match="can't be understood"):
        take_back(Lying(broken=("read",)), ORDER, ControlState(values={"admin": "up"}))


def test_what_is_in_place_is_given_another_time() -> None:
    before = ControlState(values={"admin": "up", "oper": "up"})
    device = Played()
    assert (is_in_place(device, ORDER, before), is_in_place(device, ORDER, None)) == (False, False)
    device.change(ORDER, before, 5)
    assert (is_in_place(device, ORDER, before), is_in_place(device, ORDER, None)) == (True, True)
    assert renew_timer(device, ORDER, before, 60).where == "none"  # it can't: so it has none
    assert (device.values["admin"], device.calls[-1]) == ("down", "undo")


def test_prepared_may_fail_as_it_does() -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    device = Played()
    with pytest.raises(OSError, match="full"):
        put_all_in_place(device, [ORDER], 0, fail)
    assert device.values["admin"] == "up"


def test_its_own_timer_was_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying_out, "PATIENCE", 0.0)
    with pytest.raises(DeviceFailed, match="its own timer took it back before it could be read; nothing of it is"):
        put_in_place(Played(deaf=("change",)), ORDER, -1)  # it has rung already
    with pytest.raises(DeviceFailed, match="took the order and says"):
        put_in_place(Played(deaf=("change",)), ORDER, 3600)
