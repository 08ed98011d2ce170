"""Values of an incident, counted and ordered."""

from codered_hq.standards.happenings import count_tasks, list_techniques, order_steps
from tests.fixtures.happened import make_happenings


def test_techniques_are_listed_once_and_tasks_counted_by_step() -> None:
    happened = make_happenings()
    techniques = list_techniques(happened.packs * 2)
    assert "T1190" in techniques
    assert len(set(techniques)) == len(techniques)
    assert count_tasks(happened.tasks)["eradicate", False] == 1  # the dropped one is none
    assert sorted(("lessons", "odd", "detect"), key=order_steps) == ["detect", "lessons", "odd"]
