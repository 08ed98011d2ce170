"""What differs between two rules of engagement: by rule, and by what is answered in each situation."""

from collections import Counter
from typing import Final

import msgspec

from codered_hq.model.action import ACTION_KINDS, Answer
from codered_hq.rules.book import Rule, RuleBook
from codered_hq.rules.judging import Ruling, decide
from codered_hq.rules.matrix import show_ruling
from codered_hq.rules.situations import can_be_proved, describe, list_situations

_ORDER: Final[dict[Answer, int]] = {"no": 0, "needs": 1, "yes": 2}


class RuleChange(msgspec.Struct, frozen=True):
    """A rule that was added, removed or changed; `laxer` of a cap only: answers tell it of the others."""

    rule: str
    change: str
    laxer: bool = False


class AnswerChange(msgspec.Struct, frozen=True):
    """An answer that changed: the plainest situation of it, and in how many it is so."""

    kind: str
    before: str
    after: str
    laxer: bool
    situation: str
    situations: int


class Difference(msgspec.Struct, frozen=True):
    """What differs; `settings` are the other things in the files. `complete` False = too much to go through."""

    rules: tuple[RuleChange, ...]
    answers: tuple[AnswerChange, ...]
    settings: tuple[str, ...]
    complete: bool = True


def compare_rules(old: RuleBook, new: RuleBook) -> Difference:
    """What the new rules say otherwise than the old ones; what became laxer comes first."""
    complete = can_be_proved([old, new])
    answers = _compare_answers(old, new) if complete else ()
    rules = sorted(_compare_rules(old, new), key=lambda change: not change.laxer)
    return Difference(tuple(rules), answers, _compare_settings(old, new), complete)


def _compare_answers(old: RuleBook, new: RuleBook) -> tuple[AnswerChange, ...]:
    found: dict[tuple[str, str, str], AnswerChange] = {}
    for kind in ACTION_KINDS:
        for facts in list_situations([old, new], kind):
            before, after = decide(old, kind, facts), decide(new, kind, facts)
            if _say(before) == _say(after):
                continue
            key = kind, show_ruling(before), show_ruling(after)
            known = found.get(key)
            if known is None:
                found[key] = AnswerChange(*key, _is_laxer(before, after), describe(facts), 1)
            else:
                found[key] = msgspec.structs.replace(known, situations=known.situations + 1)
    return tuple(sorted(found.values(), key=lambda change: not change.laxer))


def _say(ruling: Ruling) -> tuple[str, list[str], int]:
    return ruling.answer, sorted(ruling.needs), ruling.undo_after


def _is_laxer(before: Ruling, after: Ruling) -> bool:
    """Whether anything about it is laxer: the answer, who must agree (somebody is left out), how long it lasts."""
    if _ORDER[after.answer] != _ORDER[before.answer]:
        return _ORDER[after.answer] > _ORDER[before.answer]
    if Counter(before.needs) - Counter(after.needs):
        return True
    return before.undo_after > 0 and (after.undo_after == 0 or after.undo_after > before.undo_after)


def _compare_rules(old: RuleBook, new: RuleBook) -> list[RuleChange]:
    before, after = _by_id(old), _by_id(new)
    changes = [RuleChange(name, "removed", _is_cap(before[name])) for name in before if name not in after]
    changes += [RuleChange(name, "added") for name in after if name not in before]
    for name in before:
        if name in after and _strip(before[name]) != _strip(after[name]):
            changes.append(RuleChange(name, "changed", _is_laxer_cap(before[name], after[name])))
    order = [name for name in before if name in after], [name for name in after if name in before]
    changes += [RuleChange(name, "moved") for name, other in zip(*order, strict=True) if name != other]
    return changes


def _compare_settings(old: RuleBook, new: RuleBook) -> tuple[str, ...]:
    pairs = (
        ("title", old.title, new.title),
        ("review_by", old.review_by, new.review_by),
        ("approved_by", f"{old.approved_name}, {old.approved_role}", f"{new.approved_name}, {new.approved_role}"),
        ("business_hours", old.business_hours_text, new.business_hours_text),
        ("timezone", old.timezone, new.timezone),
        ("may_commandeer_staff", old.may_commandeer_staff, new.may_commandeer_staff),
        ("tell_within_30_min", ", ".join(old.tell_within_30_min), ", ".join(new.tell_within_30_min)),
        ("break_glass", _show_glass(old), _show_glass(new)),
    )
    return tuple(f"{name}: {before or 'none'} -> {after or 'none'}" for name, before, after in pairs if before != after)


def _show_glass(book: RuleBook) -> str:
    return f"{book.break_glass.role}, review within {book.break_glass.review_within} s" if book.break_glass else ""


def _by_id(book: RuleBook) -> dict[str, Rule]:
    return {rule.id: rule for rule in (*book.never, *book.allow)}


def _strip(rule: Rule) -> dict[str, object]:
    return {name: getattr(rule, name) for name in rule.__struct_fields__ if name != "line"}


def _is_cap(rule: Rule) -> bool:
    return rule.at_most is not None


def _is_laxer_cap(before: Rule, after: Rule) -> bool:
    if before.at_most is None:
        return False
    if after.at_most is None or before.kinds - after.kinds or before.condition != after.condition:
        return True
    return after.at_most.hosts > before.at_most.hosts or after.at_most.seconds < before.at_most.seconds


def _list_caps(book: RuleBook) -> list[object]:
    return [(rule.kinds, rule.at_most, rule.condition) for rule in book.never if rule.at_most]
