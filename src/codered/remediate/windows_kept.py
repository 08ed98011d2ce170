"""What of Windows itself is left alone: services it does not run without, files in the system's own folder."""

from functools import cache
from importlib import resources

import msgspec

from codered.model.heuristics import HEURISTICS
from codered.remediate.drafts import Ground
from codered.remediate.proposals import Proposal

_HIVE = "system32\\config\\system"


class WindowsKept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All in lower case. `services` are never switched off; what lies in `places` below the system folder (`*` = any
    name in this very folder) is not taken away by heuristics alone.
    """

    services: frozenset[str]
    places: tuple[str, ...]
    service_because: str
    file_because: str


@cache
def read_windows_kept() -> WindowsKept:
    """The table in windows_kept.json."""
    raw = resources.files("codered.remediate").joinpath("windows_kept.json").read_bytes()
    return msgspec.json.decode(raw, type=WindowsKept)


def is_core_service(key: str) -> bool:
    """Whether the key of a service is that of one Windows does not run without."""
    return key.rpartition("\\")[2].lower() in read_windows_kept().services


def is_windows_own(proposal: Proposal, rel: bytes, ground: Ground) -> bool:
    """Whether heuristics alone blame a file that lies in the folder of a Windows system: one with its own hive."""
    if proposal.finding.pack != HEURISTICS:
        return False
    shown = (ground.shown(rel) or "").lower()
    root = "\\".join(shown.split("\\")[:2])
    if shown[1:3] != ":\\" or not ground.target.find(f"{root}\\{_HIVE}"):
        return False
    folder, _, name = shown.removeprefix(f"{root}\\").rpartition("\\")
    return any(place in (f"{folder}\\*", f"{folder}\\{name}".lstrip("\\")) for place in read_windows_kept().places)
