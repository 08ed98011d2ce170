"""Where we look. To add a kind: a file here with a class of `model.target.Target`'s shape, and a branch below."""

import os
import sys

from codered.model.errors import WrongUse
from codered.model.target import ChangeableTarget, TargetInfo
from codered.targets.disk_image import DiskImage
from codered.targets.live_linux import LiveLinux, name_host
from codered.targets.live_windows import LiveWindows
from codered.targets.memory_dump import MemoryDump
from codered.targets.offline_root import OfflineRoot
from codered.targets.rooted import RootedTarget


def open_target(root: str | None = None, scope: tuple[bytes, ...] = ()) -> ChangeableTarget:
    """The offline system in the folder `root`, or this host. `scope` are the absolute paths to be scanned (none = the
    host's usual places). Raises WrongUse.
    """
    if root is not None:
        return OfflineRoot(root)
    return LiveWindows(scope) if sys.platform == "win32" else LiveLinux(scope)


def open_log_files(paths: tuple[bytes, ...]) -> ChangeableTarget:
    """Log files as a target of their own: absolute paths, wherever they come from."""
    return LiveWindows(paths, "log_files") if sys.platform == "win32" else LiveLinux(paths, "log_files")


def open_memory_dump(path: bytes) -> MemoryDump:
    """A memory dump in a regular file. Raises WrongUse."""
    return MemoryDump(path)


def open_image(path: bytes) -> DiskImage:
    """A disk image, or a block device: the file, or one of the files, it lies in. Raises WrongUse."""
    return DiskImage(path)


def reopen_target(info: TargetInfo) -> ChangeableTarget:
    """The target of a report or plan again, with the volumes that were recognised then: they must not depend on what
    was removed since. Raises WrongUse if it is not here.
    """
    if info.kind == "memory_dump":
        raise WrongUse("nothing can be removed from a memory dump", where=info.root, advice="scan the host itself")
    if info.kind == "disk_image":
        what = "an image is evidence: it is not changed itself"
        raise WrongUse(what, where=info.root, advice="apply the plan: what it changes goes to an overlay")
    if info.kind == "traffic_files":
        what = "nothing can be removed from recorded traffic"
        raise WrongUse(what, where=info.kind, advice="scan the hosts that it names")
    if info.kind == "live_linux" and info.host != name_host():
        raise WrongUse(f"this is {name_host()}", where=info.host, advice="work on the host that was scanned")
    if info.kind == "live_windows":
        return _reopen_windows(info)
    if not os.path.isdir(info.root):
        raise WrongUse("no such folder", where=info.root, advice="mount the volume where it was when it was scanned")
    try:
        return RootedTarget(info)
    except OSError as error:
        advice = "run it as somebody who may read the folder"
        raise WrongUse(f"can't be read ({error.strerror})", where=info.root, advice=advice) from None


def _reopen_windows(info: TargetInfo) -> LiveWindows:
    here = LiveWindows(() if "processes" in info.offers else (b".",))
    if sys.platform != "win32":
        raise WrongUse("this is no Windows", where=info.host, advice="work on the host that was scanned")
    if here.info.host != info.host:
        raise WrongUse(f"this is {here.info.host}", where=info.host, advice="work on the host that was scanned")
    return here
