"""Why a request is answered as it is: the rule that decided, and those that came close."""

import msgspec

from codered_hq.model.action import ActionRequest, Subject, Verdict
from codered_hq.rules.book import Rule, RuleBook
from codered_hq.rules.facts import Facts, explain_misfit, find_moment_facts, make_facts
from codered_hq.rules.judging import find_caps, judge


class Near(msgspec.Struct, frozen=True):
    """Another rule that speaks of this kind of action, and why it did not decide."""

    rule: str
    place: str
    why_not: str


class Explanation(msgspec.Struct, frozen=True):
    """The verdict, and the other rules as they look at the machine that decided it."""

    verdict: Verdict
    others: tuple[Near, ...]


def explain(book: RuleBook, request: ActionRequest) -> Explanation:
    """What the rules answer, and what every other rule about this kind of action lacked."""
    verdict = judge(book, request)
    subjects = request.subjects or (Subject(host=0, name=request.target),)
    subject = next((each for each in subjects if each.name == verdict.subject), subjects[0])
    moment = find_moment_facts(book, request.at)
    facts = make_facts(request, subject, moment)
    applying = {cap.rule for cap in find_caps(book, request.kind, request.drill, moment)}
    rules = [("never", rule) for rule in book.never] + [("allow", rule) for rule in book.allow]
    return Explanation(
        verdict,
        tuple(
            Near(rule.id, place, _explain_rule(rule, facts, applies=rule.id in applying))
            for place, rule in rules
            if request.kind in rule.kinds and rule.id != verdict.rule
        ),
    )


def _explain_rule(rule: Rule, facts: Facts, *, applies: bool) -> str:
    if rule.at_most is not None:
        return "a cap, counted when it is done" if applies else "a cap that does not apply now"
    return "; ".join(explain_misfit(rule.condition, facts)) or "it would fit, but another rule comes before it"
