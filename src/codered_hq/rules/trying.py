"""Rules of engagement against their own examples: each must be answered as written, each rule must be met."""

import msgspec

from codered_hq.model.action import ActionRequest, Subject, Verdict
from codered_hq.rules.book import Example, ExampleCap, RuleBook
from codered_hq.rules.durations import show_duration
from codered_hq.rules.judging import judge


class Miss(msgspec.Struct, frozen=True):
    """An example that is answered otherwise than it says."""

    example: str
    line: int
    what: str


class Tried(msgspec.Struct, frozen=True):
    """What came of the examples: how many there are, those that failed, and the rules that none of them meets."""

    examples: int
    misses: tuple[Miss, ...]
    unmet: tuple[str, ...]


def try_examples(book: RuleBook) -> Tried:
    """Ask everything that the examples ask."""
    misses: list[Miss] = []
    met: set[str] = set()
    for example in book.examples:
        verdict = judge(book, make_request(example))
        met.add(verdict.rule)
        met.update(cap.rule for cap in verdict.caps if example.cap and cap.rule == example.cap.rule)
        misses += [Miss(example.name, example.line, what) for what in _compare(example, verdict)]
    unmet = tuple(rule.id for rule in (*book.never, *book.allow) if rule.id not in met)
    return Tried(len(book.examples), tuple(misses), unmet)


def make_request(example: Example) -> ActionRequest:
    """The request that an example is about: one machine."""
    subject = Subject(
        host=1,
        name="the host",
        tags=example.tags,
        state=example.state,
        criticality=example.criticality,
        evidence_saved=example.evidence_saved,
    )
    return ActionRequest(
        kind=example.do,
        target="host #1",
        subjects=(subject,),
        at=example.at,
        requested_by="an example",
        drill=example.drill,
        seconds=example.seconds,
    )


def _compare(example: Example, verdict: Verdict) -> list[str]:
    told = []
    if verdict.answer != example.answer:
        told.append(f"the answer is {verdict.answer} (rule {verdict.rule}), not {example.answer}")
    elif verdict.rule != example.rule:
        told.append(f"the rule is {verdict.rule}, not {example.rule}")
    if example.needs is not None and sorted(verdict.needs) != sorted(example.needs):
        told.append(f"it needs {_list(verdict.needs)}, not {_list(example.needs)}")
    if example.undo_after is not None and verdict.undo_after != example.undo_after:
        told.append(f"it is undone after {_show(verdict.undo_after)}, not {_show(example.undo_after)}")
    applying = [ExampleCap(cap.rule, cap.hosts, cap.seconds) for cap in verdict.caps]
    if example.cap and example.cap not in applying:
        same = [f"{cap.hosts} in {show_duration(cap.seconds)}" for cap in applying if cap.rule == example.cap.rule]
        cap = f"{example.cap.hosts} in {show_duration(example.cap.seconds)}"
        told.append(f"the cap {example.cap.rule} is {same[0] if same else 'not applied'}, not {cap}")
    return told


def _list(roles: tuple[str, ...]) -> str:
    return " + ".join(roles) or "nobody"


def _show(seconds: int) -> str:
    return show_duration(seconds) if seconds else "never"
