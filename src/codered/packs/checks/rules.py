"""rules.yar and the indicators that name its rules."""

import re
from collections.abc import Iterator

from codered.model.indicators import RULE_FACT
from codered.model.rule import Rule
from codered.packs.anchors import LEAST_BYTES, binary_rules, find_flaws
from codered.packs.checks.character_classes import explain_classes
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import Step, shorten
from codered.packs.suggesting import suggest

_ESCAPED = re.compile(r"\\[^A-Za-z0-9]")
_GROUPING = re.compile(r"\\[xX][0-9a-fA-F]{2}|\\.|\[\^?\]?(?:\\.|[^\]])*\]|[(|).^$]")
_OPTIONAL = re.compile(r".(?:[*?]|\{0?,\d*\}|\{0\})")
_COUNTING = re.compile(r"[#@!]\w*")
_REPEAT = re.compile(r"[+?*]|\{[\d,]*\}")


def check_rules(checked: CheckedPack) -> Iterator[Problem]:
    """Rules that are named exist and the other way round; those for binaries have anchors, those for text a literal."""
    known = {rule.name: rule for rule in checked.rules}
    named: set[str] = set()
    yield from _check_twins(checked)
    for way, name in _list_uses(checked):
        named.add(name)
        if name not in known:
            what = f"rules.yar has no rule `{shorten(name)}`"
            yield Problem(checked.at(*way), what, suggest(name, list(known)))
    binary = binary_rules(checked.pack) if checked.pack.origin is None else set()
    yield from _tell_always(checked)
    for rule in checked.rules:
        if "global" in rule.scopes:
            yield Problem(checked.at_rule(rule.line), f"rule {rule.name} is global", "it would silence other packs")
        if rule.name not in named and "private" not in rule.scopes:
            what = f"no indicator uses rule {rule.name}"
            yield Problem(checked.at_rule(rule.line), what, "name it in an indicator, or remove it")
        if rule.name in binary:
            for flaw in find_flaws(rule):
                yield Problem(checked.at_rule(flaw.line), flaw.what, flaw.advice)
        yield from _check_regexes(checked, rule)
        if checked.pack.origin is None:
            yield from _check_counting(checked, rule)


def _tell_always(checked: CheckedPack) -> Iterator[Problem]:
    """Rules of an imported pack have no anchors: how many are tried on every file."""
    if checked.pack.origin is not None and checked.rules:
        what = f"{len(checked.rules):,} imported rules are tried on every file, which costs time"
        yield Problem(checked.at("origin"), what, "scan without this pack where that matters", "warning")


def _check_twins(checked: CheckedPack) -> Iterator[Problem]:
    """A match is told by the rule's name, so a rule speaks for one content indicator only."""
    seen: dict[str, str] = {}
    for number, content in enumerate(checked.pack.content):
        if content.rule in seen:
            what = f"rule `{shorten(content.rule)}` already speaks for `{seen[content.rule]}`"
            yield Problem(checked.at("content", number, "rule"), what, "give each content indicator a rule of its own")
        seen.setdefault(content.rule, content.id)


def longest_literal(source: str) -> int:
    """The length of the longest run of plain characters in a regular expression, at a guess from below."""
    plain = _GROUPING.sub("\n", _ESCAPED.sub("x", source.removeprefix("/")))
    runs = _REPEAT.sub("\n", _OPTIONAL.sub("\n", plain)).split("\n")
    return max(map(len, runs), default=0)


def _list_uses(checked: CheckedPack) -> Iterator[tuple[tuple[Step, ...], str]]:
    for number, content in enumerate(checked.pack.content):
        yield ("content", number, "rule"), content.rule
    for number, file in enumerate(checked.pack.files):
        for index, rule in enumerate(file.content):
            yield ("files", number, "content", index), rule
    for number, traffic in enumerate(checked.pack.traffic):
        if traffic.rule:
            yield ("traffic", number, "rule"), traffic.rule
    gate = checked.pack.script_gate
    for part in ("text", "binary"):
        for index, rule in enumerate(getattr(gate, part) if gate else ()):
            yield ("script_gate", part, index), rule
    for number, sign in enumerate(checked.pack.scripts):
        for part in ("when", "unless"):
            for index, fact in enumerate(getattr(sign, part)):
                if fact.startswith(RULE_FACT):
                    yield ("scripts", number, part, index), fact.removeprefix(RULE_FACT)


def _check_regexes(checked: CheckedPack, rule: Rule) -> Iterator[Problem]:
    for string in rule.strings:
        misread = explain_classes(string.source) if string.kind == "regex" else ""
        if misread:
            advice = "write the class as alternatives, (a|b), or with another member"
            yield Problem(checked.at_rule(string.line), f"{string.name} of rule {rule.name}: {misread}", advice)
        if string.kind == "regex" and longest_literal(string.source.rpartition("/")[0]) < LEAST_BYTES:
            what = f"{string.name} of rule {rule.name} has no literal of {LEAST_BYTES} bytes to search for"
            yield Problem(checked.at_rule(string.line), what, "add plain text to it, or the scan gets slow", "warning")


def _check_counting(checked: CheckedPack, rule: Rule) -> Iterator[Problem]:
    """Only a string's first matches are kept: a condition on a later one misses a file stuffed with them."""
    counting = sorted({term for term in rule.condition if _COUNTING.fullmatch(term)})
    if counting:
        what = f"the condition of rule {rule.name} counts or compares matches ({', '.join(counting)})"
        advice = (
            "only the first 100 of a string are kept: put the place into the pattern, with `$` for the end of the file"
        )
        yield Problem(checked.at_rule(rule.line), what, advice, "warning")
