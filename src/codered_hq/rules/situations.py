"""All situations that rules can tell apart: every combination of the values that some condition speaks of.

Two requests that no condition and no invariant tells apart are one situation, so that a proof over these is a proof
over all requests.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from math import prod
from typing import Final, NamedTuple

from codered_hq.model.action import ACTION_KINDS, ActionKind
from codered_hq.rules.book import Rule, RuleBook
from codered_hq.rules.facts import VITAL, Facts

NEVER_TOUCH: Final = "never_touch"
MOST_STEPS: Final = 4_000_000
"""Rules looked at in all situations: more can't be proved in seconds."""
_PROVED_TAGS: Final = frozenset([NEVER_TOUCH, VITAL])


class Values(NamedTuple):
    """The values of each fact that are told apart for one kind of action; the plainest comes first."""

    tags: tuple[frozenset[str], ...]
    drill: tuple[bool, ...]
    roe_valid: tuple[bool, ...]
    evidence_saved: tuple[bool, ...]
    business_hours: tuple[bool, ...]
    seconds: tuple[int, ...]
    states: tuple[str, ...]
    criticalities: tuple[str, ...]

    def count_situations(self) -> int:
        """How many situations that makes."""
        return prod(len(values) for values in self)


def find_values(books: Sequence[RuleBook], kind: ActionKind) -> Values | None:
    """What these books tell apart for this kind; None if that is too much."""
    rules = find_rules(books, kind)
    conditions = [rule.condition for rule in rules]
    names = sorted(_PROVED_TAGS.union(*(condition.tags for condition in conditions)))
    if len(names) > 16:
        return None
    sets = (frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size))
    limits = sorted({condition.longer_than for condition in conditions if condition.longer_than})
    states = sorted(frozenset[str]().union(*(condition.states for condition in conditions)))
    criticalities = sorted(frozenset[str]().union(*(condition.criticalities for condition in conditions)))
    hours = any(condition.during for condition in conditions)
    saved = any(condition.evidence_saved is not None for condition in conditions)
    return Values(
        tags=tuple(sets),
        drill=(False, True),
        roe_valid=(True, False),
        evidence_saved=(True, False) if saved else (True,),
        business_hours=(True, False) if hours else (True,),
        seconds=(0, *(seconds for limit in limits for seconds in (limit, limit + 1))),
        states=(_find_other("unknown", states), *states),
        criticalities=(_find_other("normal", criticalities), *criticalities),
    )


def find_rules(books: Sequence[RuleBook], kind: ActionKind) -> list[Rule]:
    """The rules that speak of this kind."""
    return [rule for book in books for rule in (*book.never, *book.allow) if kind in rule.kinds]


def can_be_proved(books: Sequence[RuleBook]) -> bool:
    """Whether all situations of these books can be gone through in a moment."""
    steps = 0
    for kind in ACTION_KINDS:
        values = find_values(books, kind)
        steps += MOST_STEPS if values is None else values.count_situations() * (len(find_rules(books, kind)) + 1)
    return steps < MOST_STEPS


def list_situations(books: Sequence[RuleBook], kind: ActionKind) -> Iterator[Facts]:
    """Every situation that these books tell apart for this kind, the plainest first. A vital criticality makes a host
    vital, so no other combination of these two exists.
    """
    values = find_values(books, kind)
    if values is None:
        return
    for each in product(*values):
        facts = Facts._make(each)
        if facts.criticality != VITAL or VITAL in facts.tags:
            yield facts


def describe(facts: Facts) -> str:
    """A situation in words; "" is the plainest."""
    told = sorted(facts.tags)
    told += ["in a drill"] if facts.drill else []
    told += [] if facts.roe_valid else ["past the review date"]
    told += [] if facts.evidence_saved else ["evidence not saved"]
    told += [] if facts.business_hours else ["outside business hours"]
    told += [f"for {facts.seconds:,} s"] if facts.seconds else []
    told += [] if facts.state == "unknown" else [f"state {facts.state}"]
    told += [] if facts.criticality == "normal" else [f"criticality {facts.criticality}"]
    return ", ".join(told)


def _find_other(usual: str, named: Sequence[str]) -> str:
    """A value that no condition names."""
    return usual if usual not in named else ""
