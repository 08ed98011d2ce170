"""Where a containment stands: rules belong to one network namespace, and whoever is in another sees none of them."""

import os
from contextlib import suppress
from pathlib import Path

from codered.model.containment import ContainmentRecord
from codered.model.errors import Refused
from codered.remediate.keeping.records import read_boot

_OWN = "/proc/thread-self/ns/net"


def read_network() -> int:
    """The number of the network namespace of the calling thread. Raises OSError."""
    return os.stat(_OWN).st_ino


def refuse_elsewhere(record: ContainmentRecord) -> None:
    """Refuse to judge or change from here what was set in another network namespace that is still there. Raises
    Refused, OSError.
    """
    if not record.network or record.boot != read_boot() or record.network == read_network():
        return
    pid = _find_process(record.network)
    if not pid and not _is_mounted(record.network):
        return  # it is gone, and its rules with it
    what = f"was set in another network namespace (net:[{record.network}])"
    where = f"nsenter --net=/proc/{pid}/ns/net codered …" if pid else "`ip netns` names those that are kept"
    raise Refused(what, where=record.plan, advice=f"run it there: {where}")


def _find_process(network: int) -> int:
    """A process in that network namespace, 0 = none that can be seen."""
    for name in sorted((each for each in os.listdir("/proc") if each.isdigit()), key=int):
        with suppress(OSError):
            if os.stat(f"/proc/{name}/ns/net").st_ino == network:
                return int(name)
    return 0


def _is_mounted(network: int) -> bool:
    return f" net:[{network}] " in Path("/proc/thread-self/mountinfo").read_text(errors="replace")
