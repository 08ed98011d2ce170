"""The work of `codered packs lint` and `codered packs test`."""

import rich_click as click

from codered.cli import running
from codered.cli.packs.choosing import add_neighbours, list_folders, load_leniently
from codered.model.errors import ExitCode
from codered.model.pack import LoadedPack
from codered.packs.compiling import compile_packs
from codered.packs.examples import list_examples
from codered.packs.linting import Problem, lint_packs
from codered.packs.loading import load_pack
from codered.packs.testing import check_examples
from codered.scan.example_scan import scan_example


def lint(names: tuple[str, ...]) -> int:
    """Print every mistake of the named packs; 1 if there is any."""
    packs, problems = load_leniently(names)
    problems += [p for p in lint_packs(add_neighbours(packs)) if _is_about(p, packs, bool(names))]
    for problem in problems:
        advice = f" — {problem.advice}" if problem.advice else ""
        _print(f"{problem.where}: {problem.level}: {problem.what}{advice}")
    errors = sum(problem.level == "error" for problem in problems)
    checked = len(list_folders(names))
    _print(f"{checked} pack{'' if checked == 1 else 's'} checked: {errors} errors, {len(problems) - errors} warnings")
    return ExitCode.FOUND if errors else ExitCode.CLEAN


def try_examples(names: tuple[str, ...]) -> int:
    """Scan the examples of the named packs with all packs; 1 if one is not judged as it must be."""
    packs = tuple(load_pack(folder) for folder in list_folders(names))
    everything = add_neighbours(list(packs))
    rules = compile_packs(everything, running.cache_folder())

    failures = 0
    for loaded in packs:
        found = check_examples(loaded, lambda example: scan_example(example, rules))
        for failure in found:
            _print(f"{loaded.pack.name}: {failure}")
        count = len(list_examples(loaded))
        tested = f"{count} examples, {len(found)} failures" if count or found else "nothing was tested: no examples"
        _print(f"{loaded.pack.name}: {tested}")
        failures += len(found)
    return ExitCode.FOUND if failures else ExitCode.CLEAN


def _is_about(problem: Problem, packs: list[LoadedPack], some: bool) -> bool:
    return not some or any(loaded.folder in problem.where or loaded.pack.name in problem.where for loaded in packs)


def _print(line: str) -> None:
    from codered.export.writing.escaping import printable

    click.echo(printable(line))
