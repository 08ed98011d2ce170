"""A pattern over `METHOD path?query` for engines that keep method, path and query apart."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from codered.export.indicators.patterns import ANYWHERE, ENDING, Branch, Part, begins_at_path, parse_pattern

MOST_PLACES = 40  # of one pattern


class Apart(NamedTuple):
    """A pattern with its method split off: `method` is () for any."""

    method: Branch
    rest: tuple[Branch, ...]


class Halves(NamedTuple):
    """One way for a request to match: a pattern for the path and one for the query, () = anything. `alone` means that
    there must be no query.
    """

    path: Branch
    query: Branch
    alone: bool = False


def split_method(pattern: str) -> Apart:
    """Raises ValueError, in words for people, for a pattern that can't be read or that asks for several methods in ways
    that can't be split.
    """
    branches = parse_pattern(pattern)
    if not any(_names_method(branch) for branch in branches):
        return Apart((), branches)
    gap = next((n for n, part in enumerate(branches[0]) if part == Part(" ")), 0)
    if len(branches) > 1 or not gap:
        raise ValueError("method and path can't be told apart in its pattern")
    return Apart((*branches[0][:gap], *ENDING), ((*ANYWHERE, *branches[0][gap + 1 :]),))


def split_query(branches: tuple[Branch, ...]) -> tuple[Halves, ...]:
    """Every way in which path and query can share the pattern: all of it in the path, all in the query, or the question
    mark between them at each step that may be one. Raises ValueError for too many ways.
    """
    found: list[Halves] = []
    for branch in branches:
        anchored = begins_at_path(branch) or branch[:1] == ANYWHERE
        whole = (*ANYWHERE, *branch[1:]) if begins_at_path(branch) else branch
        certain = any(_must_be_mark(part) for part in whole)
        ends = whole[-1:] == ENDING
        if not certain:
            found.append(Halves(whole, (), alone=ends))
        if not certain and not anchored:
            found.append(Halves((), whole))
        for path, query in _cut(whole):
            if query or certain or ends:
                found.append(Halves((*path, *ENDING), (*ANYWHERE, *query) if query else ()))
    if len(found) > MOST_PLACES:
        raise ValueError("path and query can't be told apart in its pattern")
    return tuple(dict.fromkeys(found))


def _names_method(branch: Branch) -> bool:
    return branch[:1] == ANYWHERE and len(branch) > 1 and branch[1].literal() != "/"


def _cut(branch: Branch) -> Iterator[tuple[Branch, Branch]]:
    """What is left and right of each step that may be the question mark; the first certain one is the last."""
    for n, part in enumerate(branch):
        before, after = branch[:n], branch[n + 1 :]
        if part.branches:
            for inner in () if part.repeat else part.branches:
                for left, right in _cut(inner):
                    yield (*before, *left), (*right, *after)
        elif _may_be_mark(part):
            rest = (Part(part.source, _without_least(part.repeat)),) if part.repeat else ()
            yield (*before, *rest), (*rest, *after)
        if _must_be_mark(part):
            return


def _may_be_mark(part: Part) -> bool:
    if part.source in {"^", "$"} or (part.source[:1] == "\\" and part.source[1:] in "bB"):
        return False
    try:
        return re.fullmatch(part.source, "?") is not None  # one character, escape or class: nothing to blow up
    except re.error:
        raise ValueError(f"it uses the class {part.source}") from None


def _must_be_mark(part: Part) -> bool:
    return part.literal() == "?" and part.least() > 0


def _without_least(repeat: str) -> str:
    if repeat[0] == "{":
        most = repeat[1 : repeat.index("}")].partition(",")
        return f"{{0,{most[2] if most[1] else most[0]}}}"
    return "*" if repeat[0] in "*+" else "?"
