"""Orders to devices and what they say are values; two states are the same if their words are."""

import msgspec
import pytest

from codered_hq.model.device import Controlled, ControlOrder, ControlState, Timer


def test_nouns_are_values() -> None:
    order = ControlOrder(kind="disable_port", device="sw1", label="a1", port="ge-0-3")
    assert msgspec.json.decode(msgspec.json.encode(order), type=ControlOrder) == order
    with pytest.raises(AttributeError):
        order.port = "ge-0-4"  # type: ignore[misc]
    with pytest.raises(msgspec.ValidationError, match="kind"):
        msgspec.json.decode(b'{"kind": "reload", "device": "sw1", "label": "a"}', type=ControlOrder)


def test_a_change_without_a_timer_says_so() -> None:
    up, down = ControlState(values={"admin": "up"}), ControlState(values={"admin": "down"})
    assert up != down
    assert up == ControlState(values={"admin": "up"})
    assert Controlled(before=up, after=down).timer == Timer(where="none")
