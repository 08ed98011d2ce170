"""The target of a plan or report, opened for what is to be done with it: a disk image by way of an overlay."""

import hashlib
import os
import shlex
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from codered.model.errors import Refused, WrongUse
from codered.model.finding import Finding
from codered.model.paths import FilePath
from codered.model.plan import Plan
from codered.model.target import ChangeableTarget, TargetInfo
from codered.remediate.file_state import find_below
from codered.respond.keeping import CASES, case_folder
from codered.system.descriptors import READ_FILE
from codered.system.private_files import make_private_folder
from codered.system.state_folder import state_folder
from codered.targets import reopen_target
from codered.targets.image_overlay import OVERLAY, OverlayTarget, opened_overlay
from codered.targets.offline_root import holds_hives

_IMAGE = "image"
_HEAD, _BACKING = 16, slice(8, 16)  # of a QCOW2 file: where the name of what lies below stands, 0 = there is none


def overlay_file(plan: Plan) -> Path | None:
    """Where the cleaned disk of a plan on an image is; None for any other plan, or if there is none yet."""
    if plan.target.kind != "disk_image":
        return None
    overlay = case_folder(plan) / _IMAGE / OVERLAY
    return overlay if overlay.exists() else None


def refuse_cleaned_disk(image: Path) -> None:
    """Raises WrongUse for the file that apply made for an image: it holds what was changed alone, and lies above the
    image, so it can't be read by itself.
    """
    case = image.parent.parent
    if image.name != OVERLAY or image.parent.name != _IMAGE or case.parent.name != CASES:
        return
    what = f"holds only what plan {case.name} changed in an image"
    advice = f"codered verify PLAN looks at the whole, cleaned disk (plan {case.name})"
    with suppress(OSError), open(os.open(image, READ_FILE), "rb") as file:
        if any(file.read(_HEAD)[_BACKING]):  # QEMU knows what lies below
            advice += f"; to scan it all: qemu-img convert -O raw {shlex.quote(str(image))} disk.raw"
    raise WrongUse(what, where=str(image), advice=advice)


@contextmanager
def opened_for_planning(info: TargetInfo, findings: tuple[Finding, ...] | None = None) -> Iterator[ChangeableTarget]:
    """The target of a report as it is now; of an image the volumes with these `findings` (None: all) are mounted
    read-only meanwhile, with nothing above it. Raises Refused (also where none of these volumes can be mounted),
    WrongUse.
    """
    if info.kind != "disk_image":
        paths = (each.subject.file_path() for each in findings or () if each.subject.path is not None)
        yield _reopen(info, paths)
        return
    name = hashlib.sha256(info.root.encode()).hexdigest()[:16]
    wanted = None
    if findings is not None:
        paths = (finding.subject.file_path() for finding in findings if finding.subject.path is not None)
        wanted = _name_volumes(paths, info)
    folder = _make_folder(state_folder() / "images" / name)
    with opened_overlay(info, folder, write=False, wanted=wanted) as target:
        _check_any_mounted(wanted or (), target)
        yield target


@contextmanager
def opened_for_plan(plan: Plan, *, write: bool, whole: bool = False) -> Iterator[ChangeableTarget]:
    """The target of a plan as the plan left it so far, for changing (`write`) or only for looking; of an image only
    the volumes that the plan is about, unless all (`whole`) are to be seen. Raises Refused, WrongUse.
    """
    if plan.target.kind != "disk_image":
        yield _reopen(plan.target, (action.path for action in plan.actions))
        return
    write = write and bool(plan.actions)  # without a change there is no cleaned disk
    wanted = None if whole else _name_volumes((action.path for action in plan.actions), plan.target)
    folder = _choose_folder(plan, write=write)
    with opened_overlay(plan.target, folder, write=write, wanted=wanted) as target:
        _check_mounted(plan, target)
        yield target


def check_there(plan: Plan) -> None:
    """That the target of a plan can be opened, before anybody is asked about it; not for an image. Raises WrongUse."""
    if plan.target.kind != "disk_image":
        _reopen(plan.target, (action.path for action in plan.actions))


def _reopen(info: TargetInfo, paths: Iterable[FilePath]) -> ChangeableTarget:
    """Raises WrongUse also for the bare folder that a volume was mounted on: all would look as if it were gone."""
    target = reopen_target(info)
    if info.kind == "offline_root" and _is_bare(target, paths):
        held = "a Windows volume" if info.system == "windows" else "a system"
        what = f"nothing is mounted there (it was {held} when it was scanned)"
        raise WrongUse(what, where=info.root, advice="mount it where it was, then try again")
    return target


def _is_bare(target: ChangeableTarget, paths: Iterable[FilePath]) -> bool:
    """Without the folders that the files lay in, which no change of ours takes away; or without the hives."""
    info = target.info
    try:
        if not any(b"/" in find_below(path, info.root) for path in paths):
            return False
        names = os.listdir(target.absolute(b""))
    except (Refused, OSError):
        return False
    return not names or ("registry" in info.offers and not holds_hives(target))


def _name_volumes(paths: Iterable[FilePath], info: TargetInfo) -> frozenset[str]:
    """The volumes of an image (`p1`) on which these lie."""
    found = set()
    for path in paths:
        with suppress(Refused):  # of the image itself, or told when it is to be opened
            found.add(_name_volume(path, info))
    return frozenset(found)


def _name_volume(path: FilePath, info: TargetInfo) -> str:
    return find_below(path, info.root).partition(b"/")[0].decode(errors="replace")


def _choose_folder(plan: Plan, *, write: bool) -> Path:
    """In the plan's case; a mere look does not begin one."""
    case = case_folder(plan)
    if write or (case / _IMAGE).exists():
        _make_folder(case)
        return _make_folder(case / _IMAGE)
    return _make_folder(state_folder() / "images" / plan.id)


def _check_any_mounted(wanted: Collection[str], target: OverlayTarget) -> None:
    """Of a volume beside others that are mounted it is said at each finding. Raises Refused."""
    if wanted and target.not_mounted.keys() >= set(wanted):
        raise _tell_not_mounted(target, min(wanted))


def _check_mounted(plan: Plan, target: OverlayTarget) -> None:
    """What lies on a volume that is not mounted would look as if it were gone. Raises Refused."""
    for action in plan.actions:
        volume = _name_volume(action.path, plan.target)
        if volume in target.not_mounted:
            raise _tell_not_mounted(target, volume)


def _tell_not_mounted(target: OverlayTarget, volume: str) -> Refused:
    what = f"the volume can't be opened: {target.not_mounted[volume]}; nothing was touched"
    return Refused(what, where=f"{target.info.root}/{volume}", advice="see what is said of it, then try again")


def _make_folder(folder: Path) -> Path:
    try:
        make_private_folder(folder)
    except OSError as error:
        advice = "make room, or set CODERED_STATE to a folder elsewhere"
        raise WrongUse(f"can't be made: {error.strerror}", where=str(folder), advice=advice) from None
    return folder
