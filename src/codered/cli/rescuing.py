"""What `codered rescue` does between the command line and the medium."""

import os
from pathlib import Path

import msgspec

from codered.cli.changes import find_plan
from codered.cli.output import say, show
from codered.cli.rescue_options import RescueOptions
from codered.export.writing.escaping import legible
from codered.export.writing.words import format_count, join_words
from codered.model.errors import ExitCode, WrongUse
from codered.packs.loading import find_packs_folder
from codered.rescue.building import RescueOrder, build_medium


def build(asked: RescueOptions) -> int:
    """`codered rescue build`. Raises WrongUse, Refused."""
    into = Path(asked.output)
    if not into.absolute().parent.is_dir():
        raise WrongUse("no such folder", where=str(into.absolute().parent), advice="create it first")
    plan = find_plan(asked.plan) if asked.plan else None
    order = RescueOrder(into=into, packs=find_packs_folder(), kernel=asked.kernel, plan=plan, digest=asked.approve)
    try:
        built = build_medium(order)
    except OSError as error:
        raise WrongUse(
            f"can't be made: {error.strerror or error}", where=asked.output, advice="see that there is space"
        ) from None
    if asked.as_json:
        show(msgspec.json.format(msgspec.json.encode(built), indent=2).decode() + "\n")
    what = f"carries out plan {built.plan} and powers off" if built.plan else "gives a shell with codered in it"
    say(f"codered: {asked.output}: {format_count(built.size)} bytes, Linux {built.kernel}; it {what}")
    say(f"codered: write it to a stick (dd if={asked.output} of=/dev/sdX bs=4M conv=fsync) or boot a VM from it")
    return ExitCode.CLEAN


def run(*, undo: bool) -> int:
    """`codered rescue run`. Raises WrongUse, Refused."""
    if os.environ.get("CODERED_RESCUE") != "1":
        raise WrongUse("only the booted medium does this", where="rescue run", advice="make one: codered rescue build")
    from codered.rescue.running import carry_out, tell_step

    done = carry_out(say, tell_step(say), undo_it=undo)
    if done.exit_code == ExitCode.CLEAN:
        told = f"{len(done.undone)} changes undone" if undo else f"{len(done.done)} changes done and verified"
        say(f"codered: {told}; journal and backups are on the medium")
    return done.exit_code


def fetch(medium: str, *, as_json: bool) -> int:
    """`codered rescue result`. Raises WrongUse."""
    from codered.rescue.results import read_result

    found = read_result(Path(medium))
    if as_json:
        show(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return found.exit_code
    where = join_words(
        [f"{prefix or 'the volume'} = NTFS {serial}" for prefix, serial in found.volumes.items()], most=26
    )
    told = f"{len(found.undone)} changes undone" if found.undone else f"{len(found.done)} changes done and verified"
    show(f"plan {found.plan}: {legible(found.said) if found.said else told}\n" + (f"on {where}\n" if where else ""))
    return found.exit_code
