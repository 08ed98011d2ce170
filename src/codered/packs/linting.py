"""Everything that must hold for a pack beyond its format. One explicit list of checks; a check yields what it finds."""

from collections.abc import Callable, Iterator
from pathlib import Path

from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.model.rule import Rule
from codered.packs.checks.autostart import check_autostart
from codered.packs.checks.countermeasures import check_containment, check_removal, check_scan_behaviour
from codered.packs.checks.identity import check_identity
from codered.packs.checks.logs import check_logs
from codered.packs.checks.memory import check_memory, count_memory_atoms
from codered.packs.checks.neighbours import check_neighbours
from codered.packs.checks.own_examples import check_own_examples
from codered.packs.checks.patches import check_patches
from codered.packs.checks.probes import check_probes
from codered.packs.checks.processes import check_processes
from codered.packs.checks.removal_steps import check_removal_steps
from codered.packs.checks.rules import check_rules
from codered.packs.checks.scripts import check_scripts
from codered.packs.checks.signs import check_files, check_settings, check_signs, check_traffic
from codered.packs.loading import PACK_FILE
from codered.packs.problems import CheckedPack, Problem
from codered.packs.rule_source import check_compiles, read_rules
from codered.packs.strict_yaml import read_document

__all__ = ["Problem", "lint_pack", "lint_packs"]

_CHECKS: tuple[Callable[[CheckedPack], Iterator[Problem]], ...] = (
    check_identity,
    check_signs,
    check_files,
    check_settings,
    check_traffic,
    check_autostart,
    check_processes,
    check_rules,
    check_scripts,
    check_memory,
    check_logs,
    check_patches,
    check_scan_behaviour,
    check_probes,
    check_containment,
    check_removal,
    check_removal_steps,
    check_own_examples,
)


def lint_pack(loaded: LoadedPack) -> tuple[Problem, ...]:
    """Every problem of one pack. Raises WrongUse when its pack.yaml can't be read again."""
    checked, problems = _read(loaded)
    return (*problems, *_run_checks(checked, skip_rules=bool(problems) and not checked.rules))


def lint_packs(packs: tuple[LoadedPack, ...]) -> tuple[Problem, ...]:
    """Every problem of each pack and between them; give it all packs, so that what they share can be checked."""
    problems = [problem for loaded in packs for problem in lint_pack(loaded)]
    checked = tuple(_read(loaded)[0] for loaded in packs)
    return (*problems, *check_neighbours(checked), *count_memory_atoms(checked))


def _run_checks(checked: CheckedPack, *, skip_rules: bool) -> Iterator[Problem]:
    for check in _CHECKS:
        if not (skip_rules and check is check_rules):  # rules that can't be read would all seem to be missing
            yield from check(checked)


def _read(loaded: LoadedPack) -> tuple[CheckedPack, tuple[Problem, ...]]:
    """The pack with its rules, if they can be read; if not, or if one is slow, the problem."""
    document = read_document(Path(loaded.folder) / PACK_FILE)
    rules: tuple[Rule, ...] = ()
    try:
        rules = read_rules(loaded)
        check_compiles(loaded, refuse_slow=True)
    except WrongUse as error:
        return CheckedPack(loaded, document, rules), (Problem(error.where, error.what, error.advice),)
    return CheckedPack(loaded, document, rules), ()
