"""What must hold of a volume before anything on it is changed: really writable, shut down cleanly, its streams seen."""

import os
from typing import NamedTuple

from codered.model.errors import Refused
from codered.model.plan import Action, Plan
from codered.model.target import Target
from codered.remediate.file_state import Blocked, escape_text, find_below
from codered.remediate.ntfs_attributes import is_on_ntfs
from codered.system.hibernation import ASLEEP, WAKE_IT, is_asleep

_KERNEL_DRIVERS = ("ntfs", "ntfs3")
_MOST_MOUNTS = 1 << 22  # bytes of the list
_MOUNT_IT = "mount it with: ntfs-3g -o streams_interface=windows"


class _Mount(NamedTuple):
    """A line of mountinfo: where it is mounted, and its kind."""

    at: bytes
    kind: str


def check_volumes(plan: Plan, target: Target) -> None:
    """Refuse a plan that would change a volume which must not be changed as it stands. Raises Refused."""
    if target.info.kind not in ("offline_root", "disk_image"):
        return
    parents = {find_below(action.path, plan.target.root).rpartition(b"/")[0] for action in plan.actions}
    seen: set[int] = set()
    for parent in sorted(parents):
        try:
            fd = target.open_dir(parent)
        except OSError:
            continue  # what is no longer there is told by its own state
        try:
            device = os.fstat(fd).st_dev
            if device not in seen:
                seen.add(device)
                _check_volume(fd, target, f"{plan.id}: {escape_text(os.fsdecode(target.absolute(parent)))}")
        finally:
            os.close(fd)


def _check_volume(fd: int, target: Target, where: str) -> None:
    mount = _find_mount(os.fstat(fd).st_dev)
    on_ntfs = is_on_ntfs(fd)
    if mount is not None and mount.kind in _KERNEL_DRIVERS:
        what = f"the volume is mounted by the kernel's {mount.kind}, which can't keep streams and ACLs"
        raise Refused(what, where=where, advice=_MOUNT_IT)
    if mount is not None and is_asleep(mount.at):
        raise Refused(f"{ASLEEP}: a change would be lost or harm it", where=where, advice=f"{WAKE_IT}, then try again")
    if target.info.kind == "offline_root" and os.fstatvfs(fd).f_flag & os.ST_RDONLY:  # an image's are mounted by us
        what = "the volume is mounted read-only; nothing was touched"
        advice = (
            f"{_MOUNT_IT} (it falls back to read-only if Windows is hibernated)" if on_ntfs else "mount it writable"
        )
        raise Refused(what, where=where, advice=advice)
    if mount is not None and not on_ntfs and _shows_ntfs(fd):
        raise Refused("the mount hides named streams; nothing was touched", where=where, advice=_MOUNT_IT)


def check_awake(action: Action, target: Target) -> None:
    """Raises Blocked if the action's volume is that of a sleeping Windows, so that nothing may be changed on it."""
    try:
        parent = find_below(action.path, target.info.root).rpartition(b"/")[0]
        fd = target.open_dir(parent)
    except (Refused, OSError):
        return  # whoever looks at the thing itself says why
    try:
        mount = _find_mount(os.fstat(fd).st_dev)
        if mount is not None and is_asleep(mount.at):
            raise Blocked(f"{ASLEEP}: {WAKE_IT}, then plan again")
    finally:
        os.close(fd)


def _shows_ntfs(fd: int) -> bool:
    """An NTFS volume by the attributes of a folder, however it was mounted."""
    try:
        os.getxattr(fd, "system.ntfs_attrib_be")
    except OSError:
        return False
    return True


def _find_mount(device: int) -> _Mount | None:
    """The mount of a device; None if the system does not tell."""
    number = f"{os.major(device)}:{os.minor(device)}"
    try:
        with open("/proc/self/mountinfo", "rb") as file:
            lines = file.read(_MOST_MOUNTS).splitlines()
    except OSError:
        return None
    for line in lines:
        before, _, after = line.partition(b" - ")
        words, kind = before.split(b" "), after.split(b" ")
        if len(words) > 4 and len(kind) > 1 and words[2].decode(errors="replace") == number and words[3] == b"/":
            return _Mount(_unescape(words[4]), kind[0].decode(errors="replace"))
    return None


def _unescape(path: bytes) -> bytes:
    for code, byte in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        path = path.replace(code, byte)
    return path
