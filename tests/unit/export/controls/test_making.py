import pytest
from msgspec.structs import replace

from codered.export.controls.making import make_controls
from codered.export.controls.orders import PLATFORMS, ControlsOrder
from codered.model.errors import WrongUse


def test_every_platform_makes_a_control_with_its_undo(order: ControlsOrder) -> None:
    made = make_controls(replace(order, platforms=PLATFORMS))
    assert tuple(control.platform for control in made) == PLATFORMS
    assert all(control.apply and control.undo and control.what and control.title for control in made)


def test_one_asked_for_twice_is_made_once(order: ControlsOrder) -> None:
    assert len(make_controls(replace(order, platforms=("cisco", "openc2", "cisco")))) == 2


def test_nobody_to_stop_is_refused_but_for_a_host_that_contains_itself() -> None:
    with pytest.raises(WrongUse, match="no address"):
        make_controls(ControlsOrder(platforms=("cisco", "windows")))
    (control,) = make_controls(ControlsOrder(platforms=("windows",)))
    assert control.platform == "windows"
