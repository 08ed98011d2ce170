"""Log indicators: the literals that find a line, the pattern that judges it, and what the answers mean."""

import re
from collections.abc import Iterator
from pathlib import Path

from codered.model.errors import WrongUse
from codered.model.indicators import LogIndicator
from codered.packs.checks.patterns import explain_pattern
from codered.packs.examples import EXPECTED_FILE, LOG_ENDING, read_expected
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import read_bytes, shorten

LEAST_LITERAL = 4  # characters; shorter ones stand in every line
STATUS = re.compile(r"[1-5]\d\d")


def check_logs(checked: CheckedPack) -> Iterator[Problem]:
    """Literals, patterns, statuses, and that no expected line is passed over for want of a literal."""
    for number, sign in enumerate(checked.pack.logs):
        if not sign.literals:
            at = checked.at("logs", number, "literals")
            yield Problem(at, f"`{sign.id}` has no literal", "name a text that every matching line holds")
        for index, literal in enumerate(sign.literals):
            if len(literal) < LEAST_LITERAL or not literal.isprintable():
                at = checked.at("logs", number, "literals", index)
                what = f"the literal `{shorten(literal)}` is shorter than {LEAST_LITERAL} characters or unprintable"
                yield Problem(at, what, "choose a longer text that every matching line holds")
        if fault := explain_pattern(sign.pattern):
            yield Problem(checked.at("logs", number, "pattern"), fault, "correct the pattern")
        yield from _check_answers(checked, number, sign)
    yield from _check_literals_find(checked)


def _check_answers(checked: CheckedPack, number: int, sign: LogIndicator) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, answer in enumerate(sign.answers):
        for status in answer.status:
            at = checked.at("logs", number, "answers", index, "status")
            if not STATUS.fullmatch(status):
                yield Problem(at, f"`{shorten(status)}` is no HTTP status", "write three digits, such as 404")
            if status in seen:
                yield Problem(at, f"the status {shorten(status)} a second time", "give each status one meaning")
            seen.add(status)


def _check_literals_find(checked: CheckedPack) -> Iterator[Problem]:
    """For every log among the hit examples: enough lines hold a literal of the indicator for what is expected of it."""
    signs = {sign.id: (number, sign) for number, sign in enumerate(checked.pack.logs)}
    for name, sign_id, wanted in _list_expected_lines(checked):
        if sign_id not in signs:
            continue
        number, sign = signs[sign_id]
        data = read_bytes(Path(checked.loaded.folder) / "examples" / name).lower()
        literals = [literal.lower().encode() for literal in sign.literals]
        found = sum(any(literal in line for literal in literals) for line in data.split(b"\n"))
        if found < wanted:
            what = (
                f"{wanted} lines of {shorten(name)} should show `{sign_id}`, but only {found} hold one of its literals"
            )
            yield Problem(checked.at("logs", number, "literals"), what, "every matching line must hold a literal")


def _list_expected_lines(checked: CheckedPack) -> Iterator[tuple[str, str, int]]:
    try:
        expected = read_expected(checked.loaded) if EXPECTED_FILE in checked.loaded.files else {}
    except WrongUse:
        return  # check_own_examples says so
    for name, items in expected.items():
        if not name.endswith(LOG_ENDING) or f"examples/{name}" not in checked.loaded.files:
            continue
        for sign_id in sorted({item.indicator for item in items}):
            yield name, sign_id, sum(item.count or 1 for item in items if item.indicator == sign_id and not item.pack)
