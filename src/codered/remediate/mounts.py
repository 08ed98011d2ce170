"""Whether a place can be changed at all: one file on a read-only mount must not undo everything else."""

import os
from pathlib import Path

from codered.model.firewall import FirewallState
from codered.model.paths import FilePath
from codered.model.plan import Action, LinksState, PackageState, ProcessState
from codered.model.target import Target
from codered.remediate.file_state import Blocked, ChangeFailed, Spot, open_regular, open_spot
from codered.remediate.volume_guards import check_awake

READ_ONLY = "it lies on a read-only mount: mount that writable, then plan again"
ASLEEP_TOO = (
    "the volume is mounted read-only (is that Windows hibernated? then shut it down fully first): mount it writable, "
    "then plan again"
)
MOUNTED = "it is itself a mount, which hides what lies below it: unmount it, then scan and plan again"


def check_changeable(action: Action, target: Target) -> None:
    """Raises ChangeFailed if what the action is about can't be changed where it lies, OSError."""
    if isinstance(action.expects, ProcessState | PackageState | FirewallState) or target.info.kind == "live_windows":
        return
    if target.info.kind in ("offline_root", "disk_image"):
        check_awake(action, target)
    if isinstance(action.expects, LinksState):
        for link in action.expects.links:
            _check_folder(link.path, target)
        return
    with open_spot(action.path, target) as spot:
        if target.info.kind != "disk_image":  # which gets an overlay to be changed in
            _demand_writable(spot.dir_fd, ASLEEP_TOO if target.info.system == "windows" else READ_ONLY)
        _check_file(spot)


def _check_folder(path: FilePath, target: Target) -> None:
    try:
        with open_spot(path, target) as spot:
            _demand_writable(spot.dir_fd)
    except FileNotFoundError:
        return  # nothing is there to be changed, and the change says so


def _check_file(spot: Spot) -> None:
    try:
        fd = open_regular(spot)
    except FileNotFoundError:
        return
    try:
        if _read_mount(fd) != _read_mount(spot.dir_fd):
            raise ChangeFailed(MOUNTED)
    finally:
        os.close(fd)


def _demand_writable(fd: int, why: str = READ_ONLY) -> None:
    if os.fstatvfs(fd).f_flag & os.ST_RDONLY:
        raise Blocked(why)


def _read_mount(fd: int) -> str:
    """The number of the mount an open file was reached by; "" where the kernel does not tell."""
    try:
        lines = Path(f"/proc/self/fdinfo/{fd}").read_text("ascii").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("mnt_id:")), "")
