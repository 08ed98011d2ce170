"""Persons and roles: as many as possible, each person once."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from codered_hq.gate.matching import find_missing

ROLES = ("executive", "business", "legal")


def test_two_hats_count_once_and_nobody_is_wasted_on_the_wrong_role() -> None:
    both = frozenset(("executive", "business"))
    assert find_missing(("executive", "business"), {"a": both}) == ("business",)
    assert find_missing(("executive", "business"), {"a": both, "b": frozenset(["executive"])}) == ()
    assert find_missing(("executive", "executive"), {"a": both}) == ("executive",)
    assert find_missing(("executive",), {}) == ("executive",)
    assert find_missing((), {"a": both}) == ()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(ROLES), max_size=4),
    st.lists(st.frozensets(st.sampled_from((*ROLES, "scribe"))), max_size=4),
)
def test_as_many_roles_are_filled_as_any_trial_of_all_orders_fills(
    needs: list[str], people: list[frozenset[str]]
) -> None:
    missing = find_missing(needs, {f"person {number}": roles for number, roles in enumerate(people)})
    seats: list[frozenset[str]] = [*people, *(frozenset[str]() for _ in needs)]
    best = max(
        sum(role in roles for role, roles in zip(needs, order, strict=False))
        for order in permutations(seats, len(needs))
    )
    assert len(needs) - len(missing) == best
    assert not set(missing) - set(needs)
