"""What rules look at in one request for one machine, and whether a condition fits it."""

from datetime import datetime
from typing import NamedTuple

from codered_hq.model.action import ActionRequest, Subject
from codered_hq.rules.book import Condition, RuleBook, find_zone
from codered_hq.rules.hours import is_within

VITAL = "vital"


class Facts(NamedTuple):
    """The facts of one machine in one request; `seconds` how long it is to last (0 = as long as the rules let it)."""

    tags: frozenset[str] = frozenset()
    drill: bool = False
    roe_valid: bool = True
    evidence_saved: bool = False
    business_hours: bool = True
    seconds: int = 0
    state: str = "unknown"
    criticality: str = "normal"


class Moment(NamedTuple):
    """What a time means to the rules."""

    roe_valid: bool
    business_hours: bool


def find_moment_facts(book: RuleBook, at: datetime) -> Moment:
    """Whether the rules are still valid at this time (the day of review itself counts), and whether people work."""
    try:
        local = at.astimezone(find_zone(book.timezone))
    except OverflowError:  # the first or last day there is
        local = at
    return Moment(local.date() <= book.review_by, is_within(book.business_hours, local))


def make_facts(request: ActionRequest, subject: Subject, moment: Moment) -> Facts:
    """The facts of a machine. One whose criticality is vital is vital, whoever forgot the tag."""
    tags = frozenset(subject.tags)
    return Facts(
        tags=tags | {VITAL} if subject.criticality == VITAL else tags,
        drill=request.drill,
        roe_valid=moment.roe_valid,
        evidence_saved=subject.evidence_saved,
        business_hours=moment.business_hours,
        seconds=max(0, request.seconds),
        state=subject.state,
        criticality=subject.criticality,
    )


def fits(condition: Condition, facts: Facts) -> bool:
    """Whether all of it holds, but for how long it lasts: `exceeds` tells that."""
    return not (
        (condition.tags and condition.tags.isdisjoint(facts.tags))
        or (condition.drill is not None and condition.drill != facts.drill)
        or (condition.roe_valid is not None and condition.roe_valid != facts.roe_valid)
        or (condition.evidence_saved is not None and condition.evidence_saved != facts.evidence_saved)
        or (condition.during and (condition.during == "business_hours") != facts.business_hours)
        or (condition.states and facts.state not in condition.states)
        or (condition.criticalities and facts.criticality not in condition.criticalities)
    )


def exceeds(condition: Condition, facts: Facts) -> bool:
    """Whether it lasts longer than the condition says (one that says nothing is always met)."""
    return facts.seconds > condition.longer_than or not condition.longer_than


def explain_misfit(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """Each part of a condition that does not hold, in words."""
    told = []
    if condition.tags and condition.tags.isdisjoint(facts.tags):
        told.append("it is not tagged " + " or ".join(sorted(condition.tags)))
    for wanted, is_so, yes, no in (
        (condition.drill, facts.drill, "this is no drill", "this is a drill"),
        (condition.roe_valid, facts.roe_valid, "the rules are past their review date", "the rules are not past review"),
        (condition.evidence_saved, facts.evidence_saved, "its evidence is not saved", "its evidence is saved"),
    ):
        if wanted is not None and wanted != is_so:
            told.append(yes if wanted else no)
    if condition.during and (condition.during == "business_hours") != facts.business_hours:
        told.append("it is in business hours" if facts.business_hours else "it is outside business hours")
    if condition.states and facts.state not in condition.states:
        told.append(f"its state is {facts.state}, not " + " or ".join(sorted(condition.states)))
    if condition.criticalities and facts.criticality not in condition.criticalities:
        told.append(f"its criticality is {facts.criticality}, not " + " or ".join(sorted(condition.criticalities)))
    if not exceeds(condition, facts):
        told.append("it does not last longer than the rule says")
    return tuple(told)
