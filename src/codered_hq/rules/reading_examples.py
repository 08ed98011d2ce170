"""The examples of a file: requests, and what its rules must answer."""

from datetime import datetime
from typing import Final

import msgspec

from codered.packs.strict_yaml import shorten
from codered_hq.model.action import ACTION_KINDS, Answer
from codered_hq.rules.book import Example, ExampleCap, RuleBook, find_zone
from codered_hq.rules.hours import find_moment
from codered_hq.rules.nodes import Node
from codered_hq.rules.reading_rules import Words, read_at_most, read_needs
from codered_hq.rules.vocabulary import read_vocabulary

ANSWERS: Final[tuple[Answer, ...]] = ("yes", "needs", "no")
NOON: Final = "Wed 12:00"
"""When an example happens that says no time."""
_KEYS: Final = (
    "name", "do", "tags", "state", "criticality", "drill", "evidence_saved", "at", "for", "review_past", "answer",
    "rule", "needs", "undo_after", "cap",
)  # fmt: skip


def read_examples(node: Node, book: RuleBook, words: Words) -> RuleBook:
    """The book with the examples in this list. Raises WrongUse."""
    return msgspec.structs.replace(book, examples=tuple(_read_example(entry, book, words) for entry in node.entries()))


def _read_example(node: Node, book: RuleBook, words: Words) -> Example:
    keys = node.keys(_KEYS, ("do", "answer", "rule"))
    vocabulary = read_vocabulary()
    answer = keys["answer"].word(ANSWERS, "answer")
    if answer != "needs" and "needs" in keys:
        raise node.refuse(f"`needs` with the answer {answer}", "write `answer: needs`, or leave it out", "needs")
    if answer == "no" and ("cap" in keys or "undo_after" in keys):
        key = "cap" if "cap" in keys else "undo_after"
        raise node.refuse(f"`{key}` with the answer no", "what is not allowed has none: leave it out", key)
    kind = keys["do"].word(ACTION_KINDS, "kind of action")
    return Example(
        name=keys["name"].text() if "name" in keys else f"example in line {node.line}",
        line=node.line,
        do=next(known for known in ACTION_KINDS if known == kind),
        at=_read_moment(node, keys, book),
        answer=next(known for known in ANSWERS if known == answer),
        rule=_read_rule(keys["rule"], book),
        tags=keys["tags"].words(words.tags, "tag") if "tags" in keys else (),
        state=keys["state"].word(vocabulary.states, "state of hosts") if "state" in keys else "unknown",
        criticality=_read_criticality(keys["criticality"]) if "criticality" in keys else "normal",
        drill="drill" in keys and keys["drill"].is_yes(),
        evidence_saved="evidence_saved" in keys and keys["evidence_saved"].is_yes(),
        seconds=keys["for"].seconds() if "for" in keys else 0,
        needs=read_needs(keys["needs"]) if "needs" in keys else None,
        undo_after=_read_undo(keys["undo_after"]) if "undo_after" in keys else None,
        cap=_read_cap(keys["cap"], book) if "cap" in keys else None,
    )


def _read_rule(node: Node, book: RuleBook) -> str:
    ids = [rule.id for rule in (*book.never, *book.allow) if rule.at_most is None]
    return node.word([*ids, *sorted(read_vocabulary().reserved)], "rule")


def _read_criticality(node: Node) -> str:
    return node.word(read_vocabulary().criticalities, "criticality")


def _read_undo(node: Node) -> int:
    """A duration, or `never`."""
    return 0 if node.value == "never" else node.seconds()


def _read_cap(node: Node, book: RuleBook) -> ExampleCap:
    keys = node.keys(("rule", "hosts", "per"), ("rule", "hosts", "per"))
    identity = keys["rule"].word([rule.id for rule in book.never if rule.at_most], "cap")
    at_most = read_at_most(Node(node.document, node.steps, {key: keys[key].value for key in ("hosts", "per")}))
    return ExampleCap(identity, at_most.hosts, at_most.seconds)


def _read_moment(node: Node, keys: dict[str, Node], book: RuleBook) -> datetime:
    """`at`, or noon of a day; the day lies before the review date, or after it with `review_past: yes`."""
    past = "review_past" in keys and keys["review_past"].is_yes()
    place = keys.get("at")
    text = place.text() if place else NOON
    try:
        moment = find_moment(text, book.review_by, find_zone(book.timezone), after=past)
        is_past = moment.astimezone(find_zone(book.timezone)).date() > book.review_by
    except (ValueError, OverflowError):
        advice = "write it as Tue 10:00, or 2026-12-31, or 2026-12-31 10:00"
        raise (place or node).refuse(f"`at` can't be {shorten(repr(text))}", advice) from None
    if "review_past" in keys and is_past != past:
        raise node.refuse("`review_past` and `at` contradict each other", "leave one of them out", "review_past")
    return moment
