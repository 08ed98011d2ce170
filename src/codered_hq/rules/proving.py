"""Proofs that rules of engagement keep their promises, whatever is asked, and doubts about how they are written."""

from typing import Final

import msgspec

from codered_hq.model.action import ACTION_KINDS, LOOKING, UNDOING, ActionKind
from codered_hq.rules.book import RuleBook
from codered_hq.rules.facts import VITAL, Facts
from codered_hq.rules.judging import Ruling, decide
from codered_hq.rules.situations import NEVER_TOUCH, can_be_proved, describe, list_situations
from codered_hq.rules.vocabulary import read_vocabulary

FEWEST_TO_CUT_OFF_VITAL: Final = 2


class Violation(msgspec.Struct, frozen=True):
    """A promise that is broken, by which rule, and the plainest request that shows it."""

    promise: str
    rule: str
    kind: str
    situation: str


class Doubt(msgspec.Struct, frozen=True):
    """Something that is allowed to be written, and is probably not meant."""

    rule: str
    line: int
    what: str


def prove(book: RuleBook) -> tuple[Violation, ...]:
    """Go through every situation that the rules tell apart: the promises that are broken, once for each rule and kind.
    Rules with too many conditions to be gone through are a violation by themselves.
    """
    if not can_be_proved([book]):
        return (Violation("the rules are simple enough to be proved", "", "", "use fewer tags and conditions"),)
    found: dict[tuple[str, str, str], Violation] = {}
    for kind in ACTION_KINDS:
        for facts in list_situations([book], kind):
            ruling = decide(book, kind, facts)
            if ruling.answer != "no" and (promise := _find_broken(kind, facts, ruling)):
                key = promise, ruling.rule, kind
                found.setdefault(key, Violation(promise, ruling.rule, kind, describe(facts)))
    return tuple(found.values())


def find_doubts(book: RuleBook) -> tuple[Doubt, ...]:
    """Rules that can never decide anything, ways of cutting off that nobody takes back, groups that nobody uses."""
    doubts = [
        Doubt(rule.id, rule.line, "cuts machines off and never takes it back: add `undo_after`")
        for rule in book.allow
        if rule.kinds & read_vocabulary().cutting_off and not rule.undo_after
    ]
    if can_be_proved([book]):
        doubts += _find_shadowed(book)
    if book.break_glass is None:
        doubts.append(Doubt("", 1, "there is no `break_glass`: nobody may act when nobody can be reached"))
    return tuple(doubts)


def _find_broken(kind: ActionKind, facts: Facts, ruling: Ruling) -> str:
    """The promise that this answer (yes or needs) breaks; "" for none. Undoing changes nothing for the worse."""
    if kind in LOOKING or kind in UNDOING:
        return "a drill changes nothing" if facts.drill and kind in UNDOING else ""
    if NEVER_TOUCH in facts.tags:
        return "what is tagged never_touch is never changed"
    if facts.drill:
        return "a drill changes nothing"
    if not facts.roe_valid:
        return "past the review date there is only looking"
    vocabulary = read_vocabulary()
    if VITAL in facts.tags and kind in vocabulary.cutting_off and len(ruling.needs) < FEWEST_TO_CUT_OFF_VITAL:
        return "a vital host is cut off by two people only"
    if VITAL in facts.tags and kind in vocabulary.cleaning and not ruling.needs:
        return "a vital host is cleaned by somebody's decision only"
    if kind in vocabulary.cutting_off and not ruling.undo_after:
        return "what is cut off comes back by itself"
    return ""


def _find_shadowed(book: RuleBook) -> list[Doubt]:
    """Rules that decide in no situation, because others always come first."""
    deciding: set[str] = set()
    for kind in ACTION_KINDS:
        for facts in list_situations([book], kind):
            deciding.add(decide(book, kind, facts).rule)
    return [
        Doubt(rule.id, rule.line, "never decides anything: rules before it always come first")
        for rule in (*book.never, *book.allow)
        if rule.at_most is None and rule.id not in deciding
    ]
