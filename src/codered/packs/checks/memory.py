"""Rules that are tried on memory."""

from collections.abc import Iterator

from codered.model.rule import Rule
from codered.packs.anchors import MOST_ATOMS, binary_rules, find_flaws, list_atoms, memory_rules
from codered.packs.problems import CheckedPack, Problem

_OF_FILES = frozenset(("filesize", "entrypoint", "at"))
"""Words of a condition that mean something in a file only: a piece of memory starts and ends anywhere."""


def check_memory(checked: CheckedPack) -> Iterator[Problem]:
    """A rule that serves memory is anchored, whatever its scope, and asks for nothing that only a file has."""
    wanted = memory_rules(checked.pack)
    told = binary_rules(checked.pack)  # the flaws of these are found by `check_rules`
    for rule in checked.rules:
        if rule.name not in wanted:
            continue
        for flaw in find_flaws(rule) if rule.name not in told else ():
            what = flaw.what.replace("sees binaries", "serves memory")
            yield Problem(checked.at_rule(flaw.line), what, flaw.advice)
        yield from _check_words(checked, rule)


def count_memory_atoms(packs: tuple[CheckedPack, ...]) -> Iterator[Problem]:
    """The anchors for memory of all packs together still fit the engine's fast matcher."""
    atoms: set[bytes] = set()
    for checked in packs:
        wanted = memory_rules(checked.pack)
        for rule in checked.rules:
            if rule.name in wanted:
                atoms.update(list_atoms(rule))
            if len(atoms) > MOST_ATOMS:
                what = f"with rule {rule.name} the packs have {len(atoms)} anchors for memory, more than {MOST_ATOMS}"
                advice = "share anchors between rules; `ascii wide` counts twice"
                yield Problem(checked.at_rule(rule.line), what, advice)
                return


def _check_words(checked: CheckedPack, rule: Rule) -> Iterator[Problem]:
    words = sorted(_OF_FILES.intersection(rule.condition))
    if words:
        what = f"rule {rule.name} serves memory, but its condition asks for `{words[0]}`"
        advice = "memory is judged in pieces that start anywhere: leave it out, or write a rule of its own for memory"
        yield Problem(checked.at_rule(rule.line), what, advice, "warning")
