"""Heuristics as nouns: what a file may say of them."""

import msgspec
import pytest

from codered.model.heuristics import Heuristic, Heuristics

PLAIN = {"id": "x", "of": "process", "when": ["a"], "because": "why", "weight": 10}


def test_plain_values() -> None:
    rule = msgspec.convert(PLAIN, Heuristic)
    assert (rule.kinds, rule.unless, rule.attack, rule.remedy) == ((), (), (), None)
    assert (Heuristics().suspicious, Heuristics().likely, Heuristics().rules) == (50, 100, ())


@pytest.mark.parametrize(
    "fault",
    [{"weight": 0}, {"weight": 201}, {"of": "file"}, {"remedy": "burn"}, {"wieght": 3}, {"when": "a"}],
)
def test_what_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(PLAIN | fault, Heuristic)


def test_they_are_equal_by_value_and_do_not_change() -> None:
    rule = msgspec.convert(PLAIN, Heuristic)
    assert rule == msgspec.convert(PLAIN, Heuristic)
    with pytest.raises(AttributeError):
        rule.weight = 3  # type: ignore[misc]
