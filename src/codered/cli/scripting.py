"""What `codered script` does: reads a plan or the packs, and writes or checks a folder of scripts."""

from pathlib import Path
from typing import get_args

import msgspec

from codered.cli.output import say, show
from codered.cli.script_options import ScriptOptions
from codered.export.scripts.folder import check_folder, write_folder
from codered.export.scripts.from_packs import make_from_packs
from codered.export.scripts.from_plan import make_from_plan
from codered.export.scripts.steps import ROLES, Role, Script, name_step
from codered.export.writing.escaping import legible
from codered.export.writing.words import count_of
from codered.model.errors import ExitCode, WrongUse
from codered.packs.loading import find_packs_folder, load_packs


def run(asked: ScriptOptions) -> int:
    """`codered script`. Raises WrongUse."""
    ways = [way for way in (asked.plan, asked.prebuilt, asked.check) if way]
    if len(ways) != 1 or (asked.plan is None) != (asked.role is None):
        advice = "give PLAN with --for, or --prebuilt, or --check"
        raise WrongUse("which scripts is not clear", where="codered script", advice=advice)
    if asked.check:
        return _check(asked, Path(asked.check))
    if not asked.output:
        raise WrongUse("no folder to write", where="codered script", advice="name a new one with -o DIR")
    script = _make(asked)
    names = write_folder(script, Path(asked.output))
    _tell(asked, script, names)
    return ExitCode.CLEAN


def _make(asked: ScriptOptions) -> Script:
    if asked.prebuilt:
        return make_from_packs(load_packs(find_packs_folder(), asked.packs), _read_role(asked.prebuilt))
    from codered.cli.changes import find_plan  # it loads all that changes a host

    plan = find_plan(asked.plan or "")
    names = asked.packs or tuple(dict.fromkeys(name.partition(" ")[0] for name in plan.packs))
    packs = load_packs(find_packs_folder(), names) if names else ()
    return make_from_plan(plan, _read_role(asked.role or ""), packs)


def _read_role(name: str) -> Role:
    return next(role for role in get_args(Role) if role == name) if name in ROLES else "windows"


def _check(asked: ScriptOptions, folder: Path) -> int:
    wrong = check_folder(folder)
    if asked.as_json:
        show(msgspec.json.encode({"folder": str(folder), "wrong": wrong}).decode() + "\n")
    else:
        show("".join(f"{legible(line)}\n" for line in wrong) or "Every file is as it was written.\n")
    return ExitCode.FOUND if wrong else ExitCode.CLEAN


def _tell(asked: ScriptOptions, script: Script, names: tuple[str, ...]) -> None:
    if asked.as_json:
        show(msgspec.json.encode({"folder": asked.output, "files": names, "script": script}).decode() + "\n")
        return
    lines = [f"{number:>4}  {legible(name_step(step))}" for number, step in enumerate(script.steps, 1)]
    lines += [f"  by hand: {legible(item.what)}: {legible(item.because)}" for item in script.by_hand]
    show("".join(line + "\n" for line in lines))
    say(f"codered: {count_of(len(script.steps), 'step')} in {asked.output}: {', '.join(names)}")
    say("codered: read README.txt there first; the scripts only look until they are told /go (-Go)")
