"""Where we look. To add a kind: a file here with a class of `model.target.Target`'s shape, and a branch in `open_target`."""

from codered.model.target import ChangeableTarget
from codered.targets.live_linux import LiveLinux
from codered.targets.offline_root import OfflineRoot


def open_target(root: str | None = None, scope: tuple[bytes, ...] = ()) -> ChangeableTarget:
    """The offline system in the folder `root`, or this host. `scope` are the absolute paths to be scanned (none = the
    host's usual places). Raises WrongUse.
    """
    return OfflineRoot(root) if root is not None else LiveLinux(scope)
