"""The work of `codered packs lint` and `codered packs test`."""

import os
import tempfile
from pathlib import Path

import rich_click as click

from codered.cli import running
from codered.model.errors import ExitCode, WrongUse
from codered.model.pack import LoadedPack
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.example_memory import read_memory
from codered.packs.example_processes import read_processes
from codered.packs.example_traffic import read_traffic
from codered.packs.example_trees import complete_tree, lay_out
from codered.packs.examples import Example, list_examples, read_tree
from codered.packs.linting import Problem, lint_packs
from codered.packs.loading import find_packs_folder, load_pack
from codered.packs.testing import check_examples
from codered.scan import ScanRequest, scan
from codered.scan.example_layers import report_memory, report_processes, report_traffic, report_unsupported
from codered.targets import open_target


def lint(names: tuple[str, ...]) -> int:
    """Print every mistake of the named packs; 1 if there is any."""
    packs, problems = _load_leniently(names)
    problems += [p for p in lint_packs(_with_neighbours(packs)) if _is_about(p, packs, bool(names))]
    for problem in problems:
        advice = f" — {problem.advice}" if problem.advice else ""
        _print(f"{problem.where}: {problem.level}: {problem.what}{advice}")
    errors = sum(problem.level == "error" for problem in problems)
    checked = len(_folders(names))
    _print(f"{checked} pack{'' if checked == 1 else 's'} checked: {errors} errors, {len(problems) - errors} warnings")
    return ExitCode.FOUND if errors else ExitCode.CLEAN


def try_examples(names: tuple[str, ...]) -> int:
    """Scan the examples of the named packs with all packs; 1 if one is not judged as it must be."""
    packs = tuple(load_pack(folder) for folder in _folders(names))
    everything = _with_neighbours(list(packs))
    rules = compile_packs(everything, running.cache_folder())

    failures = 0
    for loaded in packs:
        found = check_examples(loaded, lambda example: scan_example(example, rules))
        for failure in found:
            _print(f"{loaded.pack.name}: {failure}")
        _print(f"{loaded.pack.name}: {len(list_examples(loaded))} examples, {len(found)} failures")
        failures += len(found)
    return ExitCode.FOUND if failures else ExitCode.CLEAN


def scan_example(example: Example, rules: RuleSet) -> Report:
    """The report on one example: logs and trees are scanned as files, the rest is judged as it is described."""
    if example.form == "memory":
        process, pieces = read_memory(example.path)
        return report_memory(example.name, process, ((piece.address, piece.data) for piece in pieces), rules)
    if example.form == "traffic":
        return report_traffic(example.name, read_traffic(example.path), rules)
    if example.form == "process":
        system, processes = read_processes(example.path)
        if system == "windows":
            return report_unsupported(example.name, "processes", "Windows processes can't be judged yet", rules)
        return report_processes(example.name, processes, rules)
    if example.form == "log":
        log = os.path.realpath(example.path)
        request = ScanRequest(places=(Place(example.name, (log,)),), logs_only=True, cores=1)
        return scan(open_target(scope=(os.fsencode(log),)), request, rules)
    with tempfile.TemporaryDirectory(prefix="codered-example-") as folder:
        lay_out(complete_tree(read_tree(example.path)), Path(folder), example.name)
        target = open_target(os.path.realpath(folder))
        places = (Place(example.name, (target.info.root,)),)
        return scan(target, ScanRequest(places=places, cores=1), rules)


def _folders(names: tuple[str, ...]) -> list[Path]:
    shipped = find_packs_folder()
    if not names:
        return sorted(folder for folder in shipped.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    return [folder for name in names for folder in _folders_named(shipped, name)]


def _folders_named(shipped: Path, name: str) -> list[Path]:
    """The pack in a folder, the packs in a folder of packs, or the shipped pack of this name."""
    if os.sep not in name and not os.path.isdir(name):
        return [_named(shipped, name)]
    folder = Path(name)
    if not folder.is_dir():
        raise WrongUse("no such folder", where=name, advice="give a pack's folder, or a pack's name")
    inner = sorted(found.parent for found in folder.glob("*/pack.yaml"))
    return [folder] if (folder / "pack.yaml").exists() or not inner else inner


def _named(shipped: Path, name: str) -> Path:
    if not (shipped / name).is_dir():
        known = ", ".join(sorted(folder.name for folder in shipped.iterdir() if folder.is_dir()))
        raise WrongUse(f"no pack is called {name!r}", advice=f"the packs are {known}; or give a pack's folder")
    return shipped / name


def _load_leniently(names: tuple[str, ...]) -> tuple[list[LoadedPack], list[Problem]]:
    packs, problems = [], []
    for folder in _folders(names):
        try:
            packs.append(load_pack(folder))
        except WrongUse as error:
            problems.append(Problem(where=error.where, what=error.what, advice=error.advice, level="error"))
    return packs, problems


def _with_neighbours(packs: list[LoadedPack]) -> tuple[LoadedPack, ...]:
    """The packs and, for what they share signs with, every other shipped pack that loads."""
    mine = {loaded.pack.name for loaded in packs}
    others, _ = _load_leniently(())
    return (*packs, *(loaded for loaded in others if loaded.pack.name not in mine))


def _is_about(problem: Problem, packs: list[LoadedPack], some: bool) -> bool:
    return not some or any(loaded.folder in problem.where or loaded.pack.name in problem.where for loaded in packs)


def _print(line: str) -> None:
    from codered.export.writing.escaping import printable

    click.echo(printable(line))
