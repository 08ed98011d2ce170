"""Packs that come or go are tried first: read, checked, compiled, and held against their own examples."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codered.cli import running
from codered.cli.packs.choosing import add_neighbours
from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.packs.compiling import compile_packs
from codered.packs.heuristics import load_heuristics
from codered.packs.linting import lint_packs
from codered.packs.loading import load_pack, load_packs
from codered.packs.testing import check_examples
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
    """What is wrong with the new packs of a set, or between them and the others. Raises WrongUse."""
    packs = load_packs(folder)
    load_heuristics(folder)
    return _judge(packs, frozenset(new))


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
    return tuple(
        f"{loaded.pack.name}: {failure}"
        for loaded in packs
        for failure in check_examples(loaded, lambda example: scan_example(example, rules))
    )


def _is_about(where: str, packs: tuple[LoadedPack, ...]) -> bool:
    here = os.path.abspath(where)
    return any(here.startswith(os.path.abspath(loaded.folder) + os.sep) for loaded in packs) or any(
        loaded.pack.name in where.split("/") for loaded in packs
    )
