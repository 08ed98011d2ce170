"""Signs of running processes."""

from collections.abc import Iterator

from codered.model.indicators import ProcessIndicator
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import shorten

_SEARCHED = ("names", "paths", "threads", "objects", "listens", "children", "command")
_COMMON = frozenset(("threads", "listens", "children"))
"""What honest programs show as well: a sign of these alone never proves anything."""


def check_processes(checked: CheckedPack) -> Iterator[Problem]:
    """That a sign of processes says what to find, in names that a process can have, and is no surer than it may be."""
    for number, sign in enumerate(checked.pack.processes):
        at = checked.at("processes", number)
        given = {name for name in _SEARCHED if getattr(sign, name)}
        if not given:
            advice = f"give at least one of {', '.join(_SEARCHED)}"
            yield Problem(at, f"`{sign.id}` finds nothing", advice)
        elif given <= _COMMON and sign.confidence != "suspicious":
            what = f"`{sign.id}` is {sign.confidence} and rests on {' and '.join(sorted(given))} alone"
            yield Problem(checked.at("processes", number, "confidence"), what, "make it `suspicious`, or ask for more")
        yield from _check_names(checked, number, sign)
        if sign.command and not sign.command.strip("* "):
            at = checked.at("processes", number, "command")
            yield Problem(at, "every command fits", "write a part of it, `*` for the rest")
        for index, count in enumerate(sign.threads):
            if count < 1:
                at = checked.at("processes", number, "threads", index)
                yield Problem(at, f"no process has {count} threads", "write how many it runs")


def _check_names(checked: CheckedPack, number: int, sign: ProcessIndicator) -> Iterator[Problem]:
    for key in ("names", "children"):
        for index, name in enumerate(getattr(sign, key)):
            if not name.strip("* ") or "/" in name or "\\" in name:
                at = checked.at("processes", number, key, index)
                yield Problem(at, f"`{shorten(name)}` is no name of a process", "write a base name; a place is a path")
