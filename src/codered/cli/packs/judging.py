"""Packs that come or go are tried first: read, checked, compiled, and held against their own examples."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from codered.cli import running
from codered.cli.packs.choosing import add_neighbours, load_leniently
from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.packs.compiling import compile_packs
from codered.packs.examples import Example
from codered.packs.heuristics import load_heuristics
from codered.packs.linting import lint_packs
from codered.packs.loading import load_pack, load_packs
from codered.packs.testing import check_clean_examples, check_examples
from codered.scan.example_scan import scan_example


@contextmanager
def updates_part() -> Iterator[None]:
    """For words that need TUF. Raises WrongUse where it is not installed."""
    try:
        import tuf.api.metadata  # noqa: F401
    except ImportError:
        advice = "install it: pip install 'codered-detect[updates]'"
        raise WrongUse("updates need the part for signed repositories", advice=advice) from None
    yield


def judge_set(folder: Path, new: tuple[str, ...]) -> tuple[str, ...]:
    """What is wrong with the packs among `new` that are not in use as they are, or between them and the others. Raises
    WrongUse.
    """
    packs = load_packs(folder)
    load_heuristics(folder)
    in_use = {loaded.digest for loaded in load_leniently(())[0]}
    changed = (loaded.pack.name for loaded in packs if loaded.pack.name in new and loaded.digest not in in_use)
    return _judge(packs, frozenset(changed))


def judge_packs(folders: tuple[Path, ...]) -> tuple[str, ...]:
    """What is wrong with packs that are to be published. Raises WrongUse for unreadable ones."""
    packs = tuple(load_pack(folder) for folder in folders)
    return _judge(add_neighbours(list(packs)), frozenset(loaded.pack.name for loaded in packs))


def _judge(packs: tuple[LoadedPack, ...], new: frozenset[str]) -> tuple[str, ...]:
    ours = tuple(loaded for loaded in packs if loaded.pack.name in new)
    faults = [
        f"{problem.where}: {problem.what}"
        for problem in lint_packs(packs)
        if problem.level == "error" and _is_about(problem.where, ours)
    ]
    if faults or not ours:
        return tuple(faults)
    rules = compile_packs(packs, running.cache_folder())
    own = [
        f"{loaded.pack.name}: {failure}"
        for loaded in ours
        for failure in check_examples(loaded, lambda example: scan_example(example, rules))
    ]
    others = tuple(loaded for loaded in packs if loaded.pack.name not in new)
    return tuple(own) or tuple(_judge_others(others, ours, rules))


def _judge_others(others: tuple[LoadedPack, ...], ours: tuple[LoadedPack, ...], rules: RuleSet) -> Iterator[str]:
    """What the packs that are tried find in clean examples of the others. What is wrong without them is not their
    fault, and hit examples of others may give more with more packs.
    """
    names = {loaded.pack.name for loaded in ours}

    def scan_for_ours(example: Example) -> Report:
        report = scan_example(example, rules)
        mine = tuple(found for found in report.findings if names & {found.pack, *found.shared_by})
        return replace(report, findings=mine)

    for loaded in others:
        yield from (f"{loaded.pack.name}: {failure}" for failure in check_clean_examples(loaded, scan_for_ours))


def _is_about(where: str, packs: tuple[LoadedPack, ...]) -> bool:
    here = os.path.abspath(where)
    return any(here.startswith(os.path.abspath(loaded.folder) + os.sep) for loaded in packs) or any(
        loaded.pack.name in where.split("/") for loaded in packs
    )
