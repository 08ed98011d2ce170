"""Every kind of action is known to the standards, and steps are counted."""

from codered_hq.model.action import ACTION_KINDS
from codered_hq.standards.kinds import count_steps, name_kind, read_kinds
from tests.fixtures.happened import make_happenings


def test_every_kind_is_known() -> None:
    assert set(read_kinds()) == set(ACTION_KINDS)
    assert (name_kind("teleport").ocsf, name_kind("disable_port").step) == (99, "contain")


def test_steps_are_counted() -> None:
    counts = [(one.step, one.csf, one.tasks, one.done, one.decisions) for one in count_steps(make_happenings())]
    assert counts == [
        ("prepare", "GV/ID/PR", 0, 0, 0), ("detect", "DE", 1, 1, 0), ("contain", "RS", 1, 0, 2),
        ("eradicate", "RS", 1, 0, 1), ("recover", "RC", 0, 0, 1), ("lessons", "ID.IM", 1, 0, 0),
    ]  # fmt: skip
