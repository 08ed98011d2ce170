"""From a report to a clean host: plan → apply → verify by a new scan → roll back; where plans and cases are kept."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.model.errors import Refused, WrongUse
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.plan import PLAN_FORMAT, LinksState, Plan, ProcessState
from codered.model.report import REPORT_FORMAT, Report
from codered.model.target import ChangeableTarget, Place, Target
from codered.remediate import planning
from codered.remediate.applying import (
    OnStep,
    Outcome,
    Step,
    apply_plan,
    arm_at_boot,
    finish_at_boot,
    is_in_effect,
    list_held,
    roll_back,
)
from codered.remediate.at_boot import BootUnit, check_boots, make_unit
from codered.remediate.drafts import OwnerOf, Wishes
from codered.remediate.file_state import find_below
from codered.remediate.guards import check_plan, check_sources, check_states

__all__ = ["OnStep", "Outcome", "Step"]

_Document = TypeVar("_Document", Plan, Report)
_MOST_BYTES = 512 << 20
_PLAN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

# Scans these places of the target with these packs.
Scan = Callable[[Target, tuple[LoadedPack, ...], tuple[Place, ...]], Report]


class _Head(msgspec.Struct):
    format: str = ""


def state_folder() -> Path:
    """Where cases are kept: CODERED_STATE, else /var/lib/codered for root, else the user's own state folder."""
    if chosen := os.environ.get("CODERED_STATE"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/codered")
    own = os.environ.get("XDG_STATE_HOME", "")
    return (Path(own) if own.startswith("/") else Path.home() / ".local/state") / "codered"


def case_folder(plan: Plan) -> Path:
    """The case of this plan. Raises WrongUse if its id is none."""
    if not _PLAN_ID.fullmatch(plan.id):
        raise WrongUse("the plan's id is not one we gave", where=ascii(plan.id[:80]), advice="make a new plan")
    return state_folder() / "cases" / plan.id


def plan_file(plan_id: str) -> Path:
    """Where a plan is kept that was given no file of its own. Raises WrongUse if the id is none."""
    if not _PLAN_ID.fullmatch(plan_id):
        raise WrongUse("is no plan id", where=ascii(plan_id[:80]), advice="give a plan's file, or its id")
    return state_folder() / "plans" / f"{plan_id}.json"


def make_plan(
    report: Report,
    packs: tuple[LoadedPack, ...],
    target: Target,
    restore_from: Path | None = None,
    include_suspicious: bool = False,
) -> Plan:
    """The plan for a report, on the state the machine is in now. Raises WrongUse."""
    wishes = Wishes(restore_from=restore_from, include_suspicious=include_suspicious, owner_of=_ask_packages(target))
    return planning.make_plan(report, packs, target, wishes)


def _ask_packages(target: Target) -> OwnerOf:
    """Who owns a file by the records of the target's packages."""
    packages = PackageDatabase(Reader(target))

    def owner_of(path: FilePath) -> str | None:
        try:
            rel = find_below(path, target.info.root)
        except Refused:
            return None
        return packages.owner(rel) if packages.known else None

    return owner_of


def check(plan: Plan, target: ChangeableTarget) -> None:
    """Everything that `apply` would refuse for, without touching anything. Raises Refused."""
    check_plan(plan, target)
    check_states(plan, target, frozenset())
    check_sources(plan.actions)


def apply(plan: Plan, target: ChangeableTarget, on_step: OnStep) -> Outcome:
    """Apply in the plan's own case. Raises Refused, RolledBack, NotRolledBack, WrongUse."""
    return apply_plan(plan, target, case_folder(plan), on_step)


def leave_to_boot(plan: Plan, target: ChangeableTarget) -> BootUnit:
    """Have the rest of a begun plan finished when the host starts. Raises Refused, WrongUse."""
    return arm_at_boot(plan, target, case_folder(plan))


def show_unit(plan: Plan, target: ChangeableTarget) -> BootUnit:
    """The unit that `leave_to_boot` would write. Raises Refused, WrongUse."""
    check_plan(plan, target)
    check_boots(target)
    return make_unit(plan, case_folder(plan))


def finish(plan: Plan, target: ChangeableTarget, on_step: OnStep) -> Outcome:
    """What that unit does. Raises Refused, RolledBack, NotRolledBack, WrongUse."""
    return finish_at_boot(plan, target, case_folder(plan), on_step)


def list_frozen(plan: Plan) -> tuple[ProcessState, ...]:
    """The processes that this plan holds frozen now and that a rollback lets go on; none where no case can be read."""
    try:
        return list_held(plan, case_folder(plan))
    except Refused:
        return ()


def was_applied(plan: Plan) -> bool:
    """Whether anything of the plan is done; True too where that can't be told. Raises WrongUse."""
    case = case_folder(plan)
    if not case.exists():
        return False
    try:
        return is_in_effect(plan, case)
    except Refused:
        return True


def undo(plan: Plan, target: ChangeableTarget, on_step: OnStep) -> Outcome:
    """Roll back what was applied. Raises Refused, NotRolledBack, WrongUse."""
    return roll_back(plan, target, case_folder(plan), on_step)


def verify(plan: Plan, target: Target, packs: tuple[LoadedPack, ...], scan: Scan) -> Report:
    """Scan the places the plan touched once more. The folders, not the files: it may be back beside."""
    return scan(target, packs, places_touched(plan))


def places_touched(plan: Plan) -> tuple[Place, ...]:
    """The folders of the plan's files and links, without those that lie in another one of them. A process has none:
    what runs is looked at anew in any case, and its program is a file of the plan if it is to go.
    """
    paths: set[FilePath] = set()
    for action in plan.actions:
        if isinstance(action.expects, LinksState):
            paths.update(link.path for link in action.expects.links)
        if not isinstance(action.expects, ProcessState):
            paths.add(action.path)
    folders = sorted({os.path.dirname(path.to_bytes()) for path in paths})
    outer: list[bytes] = []
    for folder in folders:
        if not any(folder.startswith(known.rstrip(b"/") + b"/") or folder == known for known in outer):
            outer.append(folder)
    return (Place("places touched", tuple(os.fsdecode(folder) for folder in outer)),) if outer else ()


def write_plan(plan: Plan, path: Path) -> None:
    """Write the plan for review: complete or not at all. Raises WrongUse."""
    part = path.with_name(path.name + ".part")
    body = msgspec.json.format(msgspec.json.encode(plan, order="deterministic"), indent=2) + b"\n"
    try:
        part.unlink(missing_ok=True)
        # For its owner only: lines of account files stand in it.
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WrongUse(f"can't be written: {error.strerror}", where=str(path), advice="give another place") from None


def keep_plan(plan: Plan) -> Path:
    """Write the plan into the state folder, for who gives it no file of its own. Raises WrongUse."""
    path = plan_file(plan.id)
    try:
        path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        what, advice = f"can't be made: {error.strerror}", "name a file for the plan, or set CODERED_STATE"
        raise WrongUse(what, where=str(path.parent), advice=advice) from None
    write_plan(plan, path)
    return path


def read_plan(path: Path) -> Plan:
    """The plan in this file. Raises WrongUse."""
    return _read(path, Plan, PLAN_FORMAT)


def read_report(path: Path) -> Report:
    """The report in this file. Raises WrongUse."""
    return _read(path, Report, REPORT_FORMAT)


def _read(path: Path, kind: type[_Document], wanted: str) -> _Document:
    noun = wanted.split("/")[1]
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WrongUse(f"is too large for a {noun}", where=str(path), advice=f"give a {noun} this tool wrote")
        raw = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice=f"give a {noun} file") from None
    try:
        found = msgspec.json.decode(raw, type=_Head).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WrongUse(f"is no {noun}", where=str(path), advice=f"give a {noun} this tool wrote, unharmed") from None
    if found != wanted:
        what = f"is {found[:60]!a}, this version reads {wanted!r}" if found else f"is no {noun}"
        raise WrongUse(what, where=str(path), advice=f"make the {noun} again with this version")
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        story = ascii(str(error))[1:-1]
        raise WrongUse(f"is a damaged {noun}: {story}", where=str(path), advice=f"make the {noun} again") from None
