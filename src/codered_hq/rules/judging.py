"""What rules of engagement answer to a request. Pure: the same book and request always give the same verdict.

`never` first, then what holds whatever a file says (a drill, rules past their review), then the first rule of `allow`
that fits. The strictest machine decides.
"""

from collections import Counter
from typing import NamedTuple

from codered_hq.model.action import LOOKING, UNDOING, ActionKind, ActionRequest, Answer, Cap, Subject, Verdict
from codered_hq.rules.book import Rule, RuleBook
from codered_hq.rules.facts import Facts, Moment, exceeds, find_moment_facts, fits, make_facts

_STRICTNESS: dict[Answer, int] = {"yes": 0, "needs": 1, "no": 2}


class Ruling(NamedTuple):
    """What the rules say about one machine."""

    answer: Answer
    rule: str
    why: str
    needs: tuple[str, ...] = ()
    undo_after: int = 0


_DRILL = Ruling("no", "in-a-drill", "This is a drill: nothing is changed.")
_PAST_REVIEW = Ruling("no", "past-review", "These rules are past their review date: only looking is allowed.")
_UNDO = Ruling("yes", "undo", "Takes back what was allowed before.")
_DEFAULT = Ruling("no", "default", "no rule allows it")


def judge(book: RuleBook, request: ActionRequest) -> Verdict:
    """The verdict on a request: the strictest machine decides, what several of them need is united, and it is undone
    after the shortest time. A request that touches no known machine is judged as an unknown one.
    """
    if request.guard:
        return _make_verdict(book, Ruling("no", "guard", request.guard))
    moment = find_moment_facts(book, request.at)
    subjects = request.subjects or (Subject(host=0, name=request.target),)
    rulings: dict[Facts, tuple[Ruling, str]] = {}
    for subject in subjects:  # thousands of machines have few different facts
        facts = make_facts(request, subject, moment)
        if facts not in rulings:
            rulings[facts] = decide(book, request.kind, facts), subject.name
    return _unite(book, list(rulings.values()), find_caps(book, request.kind, request.drill, moment))


def decide(book: RuleBook, kind: ActionKind, facts: Facts) -> Ruling:
    """What the rules say about one machine. A request for as long as the rules let it (0 seconds) lasts no longer than
    a rule that would speak of longer ones.
    """
    limit = facts.seconds
    for rule in book.never:
        if kind in rule.kinds and rule.at_most is None and fits(rule.condition, facts):
            if exceeds(rule.condition, facts):
                return Ruling("no", rule.id, rule.why)
            limit = _find_shorter(limit, rule.condition.longer_than)
    if facts.drill and kind not in LOOKING:
        return _DRILL
    if not facts.roe_valid and kind not in LOOKING and kind not in UNDOING:
        return _PAST_REVIEW
    for rule in book.allow:
        if kind in rule.kinds and fits(rule.condition, facts):
            if exceeds(rule.condition, facts):
                return _allow(rule, limit)
            limit = _find_shorter(limit, rule.condition.longer_than)
    return _UNDO if kind in UNDOING else _DEFAULT


def find_caps(book: RuleBook, kind: ActionKind, drill: bool, moment: Moment) -> tuple[Cap, ...]:
    """The caps that must be kept by an action of this kind at this time."""
    facts = Facts(drill=drill, roe_valid=moment.roe_valid, business_hours=moment.business_hours)
    return tuple(
        Cap(rule=rule.id, why=rule.why, kinds=tuple(sorted(rule.kinds)), hosts=most.hosts, seconds=most.seconds)
        for rule in book.never
        if (most := rule.at_most) is not None and kind in rule.kinds and fits(rule.condition, facts)
    )


def unite_needs(several: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The fewest people that are enough for all of them: [executive] and [executive, business] are the latter."""
    united: Counter[str] = Counter()
    for needs in several:
        united |= Counter(needs)
    return tuple(united.elements())


def say_waits(needs: tuple[str, ...]) -> str:
    """The sentence of a rule that has none of its own, and needs people."""
    return f"waits for {' and '.join(needs)}"


def _allow(rule: Rule, limit: int) -> Ruling:
    answer: Answer = "needs" if rule.needs else "yes"
    why = rule.why or (say_waits(rule.needs) if rule.needs else "allowed beforehand")
    return Ruling(answer, rule.id, why, rule.needs, _find_shorter(limit, rule.undo_after))


def _unite(book: RuleBook, rulings: list[tuple[Ruling, str]], caps: tuple[Cap, ...]) -> Verdict:
    strictest, name = max(rulings, key=lambda each: (_STRICTNESS[each[0].answer], len(each[0].needs)))
    if strictest.answer == "no":
        return _make_verdict(book, strictest, name)
    needs = unite_needs([ruling.needs for ruling, _ in rulings])
    why = say_waits(needs) if strictest.why == say_waits(strictest.needs) else strictest.why
    undo = min((ruling.undo_after for ruling, _ in rulings if ruling.undo_after), default=0)
    return _make_verdict(book, strictest._replace(why=why, needs=needs, undo_after=undo), name, caps)


def _make_verdict(book: RuleBook, ruling: Ruling, subject: str = "", caps: tuple[Cap, ...] = ()) -> Verdict:
    return Verdict(
        answer=ruling.answer,
        rule=ruling.rule,
        why=ruling.why,
        needs=ruling.needs,
        undo_after=ruling.undo_after,
        caps=caps,
        subject=subject,
        version=book.version,
        digest=book.digest,
    )


def _find_shorter(one: int, other: int) -> int:
    """The shorter of two times; 0 is none at all."""
    return min(one, other) if one and other else one or other
