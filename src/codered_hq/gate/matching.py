"""Who fills which of the needed roles: a person with two hats counts once."""

from collections.abc import Mapping, Sequence


def find_missing(needs: Sequence[str], holders: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The needed roles that nobody is left for when every person fills one at most, and as many as possible are filled.
    `needs` may name a role twice: two people; `holders` says who has which roles.
    """
    filled: dict[int, str] = {}
    for holder in sorted(holders):
        _place(holder, needs, holders, filled, set())
    return tuple(role for place, role in enumerate(needs) if place not in filled)


def _place(
    holder: str,
    needs: Sequence[str],
    holders: Mapping[str, frozenset[str]],
    filled: dict[int, str],
    tried: set[int],
) -> bool:
    """Whether this person found a place, if need be because somebody else moved to another."""
    for place, role in enumerate(needs):
        if role not in holders[holder] or place in tried:
            continue
        tried.add(place)
        if place not in filled or _place(filled[place], needs, holders, filled, tried):
            filled[place] = holder
            return True
    return False
