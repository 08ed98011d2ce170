"""Which lines of a log are the threat's: all of a few, else those that look like an attack and are rare."""

import re
from collections import Counter

from codered.authoring.orders import Choice, LogLine
from codered.authoring.request_patterns import decode, skeleton
from codered.authoring.words import load_words

FEW = 40  # lines that are all taken for the threat's
MOST_KINDS = 4
_RARE = 0.05
_MOST_LINE = 2000
_TOO_MANY = "more than a draft needs: draft another pack of their lines, or write them by hand"


def choose_lines(lines: tuple[LogLine, ...]) -> tuple[tuple[tuple[LogLine, ...], ...], tuple[Choice, ...]]:
    """The requests of each kind, those seen most often first, and why; everyday requests are never chosen."""
    kinds: dict[tuple[str, ...], list[LogLine]] = {}
    for line in lines:
        kinds.setdefault(skeleton(_path(line)), []).append(line)
    counts = Counter({kind: len(found) for kind, found in kinds.items()})
    few = len(lines) <= FEW
    chosen = [
        kind
        for kind, count in counts.most_common()
        if not is_everyday(kinds[kind][0].request)
        and (few or (is_attack(kinds[kind][0].request) and count <= max(3, len(lines) * _RARE)))
    ]
    choices = [
        Choice("logs", f"{len(lines)} lines, {len(kinds)} kinds, {len(chosen)} taken", _explain(few)),
        *(
            [Choice("logs", f"{len(chosen) - MOST_KINDS} kinds left out", _TOO_MANY)]
            if len(chosen) > MOST_KINDS
            else []
        ),
    ]
    return tuple(tuple(kinds[kind]) for kind in chosen[:MOST_KINDS]), tuple(choices)


def is_attack(request: str) -> bool:
    """Whether the request holds what only attacks hold, as sent or decoded."""
    forms = (request[:_MOST_LINE], decode(request[:_MOST_LINE]))
    return any(re.search(pattern, form) for pattern in load_words().attacks for form in forms)


def is_everyday(request: str) -> bool:
    """Whether everybody asks for this."""
    path, _, query = _path_of(request).partition("?")
    return not query and path.lower() in load_words().everyday_requests


def is_odd_agent(agent: str) -> bool:
    """Whether the client calls itself as no browser, program or robot does."""
    return len(agent) >= 4 and not re.search(load_words().everyday_agents, agent[:_MOST_LINE])


def _path(line: LogLine) -> str:
    return _path_of(decode(line.request[:_MOST_LINE]))


def _path_of(request: str) -> str:
    return request.partition(" ")[2] or request


def _explain(few: bool) -> str:
    if few:
        return f"a log of {FEW} lines or less is taken for the threat's, but for everyday requests"
    return "of a longer log, what looks like an attack and is rare is taken: give only the threat's lines to be sure"
