"""From what must hold to patterns of log signs. A log sign looks at one part of a line, and can't say `not`: what is
left out makes it find more, which is noted, never less.
"""

import re
from itertools import permutations, product
from typing import Literal

import msgspec

from codered.packs.importing.imported import tidy
from codered.packs.importing.patterns import MOST_PATTERN
from codered.packs.importing.sigma_conditions import Both, Either, Not, Tree
from codered.packs.importing.sigma_fields import Clause, Inexpressible, Way

__all__ = ["Inexpressible", "LogPattern", "make_patterns"]

LogPart = Literal["request", "referer", "agent"]
PARTS: tuple[LogPart, ...] = ("request", "referer", "agent")
MOST_CASES = 64
MOST_JOINED = 4  # clauses about one part: each order of them is written out
NO_NOT = "its exceptions (`not`) are left out: it finds more"

Case = tuple[Clause, ...]


class LogPattern(msgspec.Struct, frozen=True):
    """A pattern for one part of a line, and literals of which every matching line holds one."""

    part: LogPart
    pattern: str
    literals: tuple[str, ...]
    notes: tuple[str, ...]


def make_patterns(tree: Tree) -> tuple[LogPattern, ...]:
    """The patterns, one of which fits whatever the rule fits. Raises Inexpressible."""
    made: list[LogPattern] = []
    for case in _list_cases(tree):
        for part in _choose_parts(case):
            made += _make_case(case, part)
    return tuple(_merge(made))


def make_case_patterns(case: Case) -> tuple[LogPattern, ...]:
    """The patterns for clauses that must all hold. Raises Inexpressible."""
    return tuple(_merge([pattern for part in _choose_parts(case) for pattern in _make_case(case, part)]))


def _list_cases(tree: Tree) -> list[Case]:
    """The tree as cases of which one must hold, each of clauses that all hold."""
    if isinstance(tree, Clause):
        return [(tree,)]
    if isinstance(tree, Not):
        return [(Clause("dropped", (), (NO_NOT,)),)]
    inner = [_list_cases(item) for item in tree.of]
    if isinstance(tree, Either):
        cases = [case for some in inner for case in some]
    else:
        assert isinstance(tree, Both)
        count = 1
        for some in inner:
            count *= len(some)
        if count > MOST_CASES:
            raise Inexpressible("has too many cases")
        cases = [tuple(clause for case in chosen for clause in case) for chosen in product(*inner)]
    if len(cases) > MOST_CASES:
        raise Inexpressible("has too many cases")
    return cases


def _choose_parts(case: Case) -> tuple[LogPart, ...]:
    """The part of the line that all clauses are about; all parts for key words alone."""
    asked = {"request" if clause.part == "method" else clause.part for clause in case} - {"dropped", "anywhere"}
    if len(asked) > 1:
        raise Inexpressible(f"joins {' and '.join(sorted(asked))}; a log sign looks at one part of a line")
    if not asked and not any(clause.part == "anywhere" for clause in case):
        raise Inexpressible("asks for nothing but answers or exceptions")
    return tuple(part for part in PARTS if part in asked) or PARTS


def _make_case(case: Case, part: LogPart) -> list[LogPattern]:
    notes = [note for clause in case for note in clause.notes]
    methods = [way.pattern for clause in case if clause.part == "method" for way in clause.ways]
    clauses = [clause for clause in case if clause.part in (part, "anywhere")]
    if methods and any(clause.part == "anywhere" for clause in clauses):
        notes.append("its key words are looked for in the request only")
    if not clauses:
        raise Inexpressible("asks for nothing but a method")
    clauses = _leave_overlapping(clauses, notes)
    if len(clauses) > MOST_JOINED:
        raise Inexpressible(f"joins more than {MOST_JOINED} texts")
    start = f"^({'|'.join(methods)}) " if methods else "^[^ ]+ " if part == "request" else "^"
    literals = _choose_literals(clauses)
    if len(clauses) == 1:
        return _split_ways(clauses[0].ways, start, part, tuple(notes))
    joined = [_join(order, start, bool(methods)) for order in permutations(clauses)]
    pattern = "|".join(one for one in joined if one)
    if not pattern:
        raise Inexpressible("asks for what can't be together")
    return [LogPattern(part, pattern, literals, tuple(dict.fromkeys(notes)))]


def _split_ways(ways: tuple[Way, ...], start: str, part: LogPart, notes: tuple[str, ...]) -> list[LogPattern]:
    """The ways of one clause, in as many patterns as their length asks for."""
    made: list[LogPattern] = []
    told = tuple(dict.fromkeys(notes))
    method = start.startswith("^(")
    for way in ways:
        text = _render(way, start, method)
        _choose_literals([Clause(part, (way,))])
        last = made[-1] if made else None
        if last is not None and len(last.pattern) + len(text) < MOST_PATTERN:
            literals = tuple(dict.fromkeys((*last.literals, *way.literals)))
            made[-1] = LogPattern(part, f"{last.pattern}|{text}", literals, told)
        else:
            made.append(LogPattern(part, text, way.literals, told))
    return made


def _render(way: Way, start: str, method: bool) -> str:
    if way.at_start:
        return f"{start}({way.pattern})" if "|" in way.pattern else start + way.pattern
    inner = f"({way.pattern})" if "|" in way.pattern and method else way.pattern
    return f"{start}.*{inner}" if method else inner


def _join(order: tuple[Clause, ...], start: str, method: bool) -> str:
    """The clauses one behind the other; "" where one that begins the part would have to come later."""
    pieces = []
    for number, clause in enumerate(order):
        ways = [way for way in clause.ways if number == 0 or not way.at_start]
        if not ways:
            return ""
        pieces.append("(" + "|".join(_render(way, start, method and number == 0) for way in ways) + ")")
    return ".*".join(pieces)


def _choose_literals(clauses: list[Clause]) -> tuple[str, ...]:
    """The literals of the clause whose shortest one is longest."""
    known = [clause for clause in clauses if all(way.literals for way in clause.ways)]
    if not known:
        raise Inexpressible("has no plain text of 4 characters by which its lines could be found")
    best = max(known, key=lambda clause: min(len(text) for way in clause.ways for text in way.literals))
    return tuple(dict.fromkeys(text for way in best.ways for text in way.literals))


def _leave_overlapping(clauses: list[Clause], notes: list[str]) -> list[Clause]:
    """The clauses that can stand one behind the other. Of two that may overlap, the less exact one is not asked for."""
    kept: list[Clause] = []
    for clause in sorted(clauses, key=_shortest, reverse=True):
        over = next((other for other in kept if _may_overlap(clause, other)), None)
        if over is None:
            kept.append(clause)
        elif not _is_within(clause, over):
            notes.append(f"`{tidy(clause.ways[0].pattern, 60)}` is not asked for beside what it may overlap")
    return [clause for clause in clauses if clause in kept]


def _shortest(clause: Clause) -> int:
    return min(len(way.pattern) for way in clause.ways)


def _is_within(clause: Clause, other: Clause) -> bool:
    """Whether whatever fits the other one holds the only text of this one."""
    text = clause.ways[0].pattern
    if len(clause.ways) > 1 or clause.ways[0].at_start or text.endswith("$"):
        return False
    return all(
        text in way.pattern and "|" not in way.pattern and not _is_optional(way.pattern, text) for way in other.ways
    )


def _is_optional(pattern: str, text: str) -> bool:
    end = pattern.index(text) + len(text)
    return pattern[end : end + 1] in ("*", "?", "{") or "(" in pattern or "|" in pattern


def _may_overlap(one: Clause, other: Clause) -> bool:
    """Whether an end of a text is a beginning of another: both could hold where neither stands behind the other."""
    for first, second in product(one.ways, other.ways):
        a, b = first.pattern.lower(), second.pattern.lower()
        if a in b or b in a or _runs_into(a, b) or _runs_into(b, a):
            return True
    return False


def _runs_into(a: str, b: str) -> bool:
    """A pattern that is no plain text may run into anything."""
    if any(re.search(r"(?<!\\)[*+\]{}]", text) for text in (a, b)):
        return True
    return any(a.endswith(b[:size]) for size in range(1, min(len(a), len(b))))


def _merge(made: list[LogPattern]) -> list[LogPattern]:
    """Patterns of one part together, as far as their length allows."""
    merged: list[LogPattern] = []
    for item in made:
        at = next((n for n, other in enumerate(merged) if other.part == item.part
                   and len(other.pattern) + len(item.pattern) < MOST_PATTERN), None)  # fmt: skip
        if at is None:
            merged.append(item)
            continue
        other = merged[at]
        literals = tuple(dict.fromkeys((*other.literals, *item.literals)))
        notes = tuple(dict.fromkeys((*other.notes, *item.notes)))
        merged[at] = LogPattern(item.part, f"{other.pattern}|{item.pattern}", literals, notes)
    return merged
