"""`codered rules check`, `test` and `diff`: what rules promise, what their examples say, what a new version changes."""

from typing import Any, Final

import msgspec

from codered.cli.output import say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode
from codered_hq.cli.rules_choosing import choose_rules
from codered_hq.cli.tables import count, draw_table
from codered_hq.rules.book import RuleBook
from codered_hq.rules.cards import draw_matrix
from codered_hq.rules.comparing import AnswerChange, Difference, compare_rules
from codered_hq.rules.matrix import Matrix, make_matrix
from codered_hq.rules.proving import Doubt, Violation, find_doubts, prove
from codered_hq.rules.samples import PLACEHOLDER, has_placeholder
from codered_hq.rules.trying import Tried, try_examples

PLAINEST: Final = "an ordinary host"


class CheckDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`codered rules check --json`."""

    title: str
    version: int
    digest: str
    violations: tuple[Violation, ...]
    doubts: tuple[Doubt, ...]
    matrix: Matrix


class TestDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`codered rules test --json`."""

    title: str
    version: int
    digest: str
    tried: Tried

    __test__ = False


def check(given: dict[str, Any]) -> int:
    """Prove rules and say what is doubtful."""
    book = choose_rules(given["file"]).book
    violations, doubts = prove(book), find_doubts(book)
    if given["as_json"]:
        document = CheckDocument(
            title=book.title,
            version=book.version,
            digest=book.digest,
            violations=violations,
            doubts=doubts,
            matrix=make_matrix(book),
        )
        show(msgspec.json.encode(document).decode() + "\n")
    else:
        show("".join(printable(line) + "\n" for line in (*draw_matrix(make_matrix(book)), "")))
        show("".join(f"broken: {printable(tell_violation(each))}\n" for each in violations))
        show("".join(f"doubtful: {printable(_tell_doubt(each))}\n" for each in doubts))
    if has_placeholder(book):
        say(f"codered: ATTENTION: approved_by is still {PLACEHOLDER}: rules sign and rules use refuse that")
    broken = f"{count(len(violations), 'broken promise')}, {count(len(doubts), 'doubt')}"
    say(f"codered: version {book.version}: {broken if violations or doubts else 'all promises are proved'}")
    return ExitCode.FOUND if violations or doubts else ExitCode.CLEAN


def test(given: dict[str, Any]) -> int:
    """Ask the examples of rules."""
    book = choose_rules(given["file"]).book
    tried = try_examples(book)
    if given["as_json"]:
        document = TestDocument(title=book.title, version=book.version, digest=book.digest, tried=tried)
        show(msgspec.json.encode(document).decode() + "\n")
    else:
        show("".join(printable(line) + "\n" for line in tell_tried(book, tried)))
    failed = bool(tried.misses or tried.unmet)
    held = tried.examples - len({miss.line for miss in tried.misses})
    say(f"codered: {held} of {count(tried.examples, 'example')} hold; {count(len(tried.unmet), 'rule')} met by none")
    return ExitCode.FOUND if failed else ExitCode.CLEAN


def diff(given: dict[str, Any]) -> int:
    """Say what differs between two files."""
    difference = compare_rules(choose_rules(given["old"]).book, choose_rules(given["new"]).book)
    if given["as_json"]:
        show(msgspec.json.encode(difference).decode() + "\n")
    else:
        _show_difference(difference)
    if not difference.complete:
        say("codered: the rules have too many conditions to compare all answers")
        return ExitCode.INCOMPLETE
    differs = bool(difference.rules or difference.answers or difference.settings)
    laxer = sum(each.laxer for each in difference.answers) + sum(each.laxer for each in difference.rules)
    say(f"codered: {count(laxer, 'change')} to the laxer side" if differs else "codered: they say the same")
    return ExitCode.FOUND if differs else ExitCode.CLEAN


def tell_violation(violation: Violation) -> str:
    """A broken promise in one line."""
    if not violation.kind:
        return f"{violation.promise}: {violation.situation}"
    return f"{violation.promise}: {violation.rule} lets {violation.kind} ({violation.situation or PLAINEST})"


def tell_tried(book: RuleBook, tried: Tried) -> list[str]:
    """What came of the examples, a line each."""
    lines = {rule.id: rule.line for rule in (*book.never, *book.allow)}
    told = [f"line {miss.line}: {miss.example}: {miss.what}" for miss in tried.misses]
    return told + [f"line {lines[rule]}: no example meets the rule {rule}" for rule in tried.unmet]


def _tell_doubt(doubt: Doubt) -> str:
    return f"line {doubt.line}: {doubt.rule + ' ' if doubt.rule else ''}{doubt.what}"


def _show_difference(difference: Difference) -> None:
    rules = [("laxer" if each.laxer else "", each.rule, each.change) for each in difference.rules]
    if rules:
        show(draw_table(("", "RULE", "CHANGE"), rules) + "\n")
    if difference.answers:
        show(draw_table(("", "ACTION", "BEFORE", "AFTER", "WHERE"), map(_make_row, difference.answers)) + "\n")
    show("".join(printable(line) + "\n" for line in difference.settings))


def _make_row(change: AnswerChange) -> tuple[str, ...]:
    more = f" (and {count(change.situations - 1, 'situation')} more)" if change.situations > 1 else ""
    where = (change.situation or PLAINEST) + more
    return "laxer" if change.laxer else "", change.kind, change.before, change.after, where
