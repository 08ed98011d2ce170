"""Whether a host must be started anew before a clean-up is sure, and whether it was since."""

import fnmatch
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from codered.model.errors import Refused
from codered.model.pack import LoadedPack
from codered.model.plan import Plan
from codered.model.target import Target
from codered.remediate.file_state import find_below
from codered.remediate.journal import Progress
from codered.remediate.processes import read_boot

_MARK = "boot"
_MOST_MARK = 64


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    patterns: tuple[str, ...]
    because: str

    def fits(self, name: str) -> bool:
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns)


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    files: tuple[_Rule, ...]
    packages: tuple[_Rule, ...]


@cache
def _read_rules() -> _Rules:
    raw = resources.files("codered.respond").joinpath("reboots.json").read_bytes()
    return msgspec.json.decode(raw, type=_Rules)


def mark_boot(case: Path) -> None:
    """Note in the case during which run of the system the plan was applied. Raises OSError."""
    (case / _MARK).write_text(read_boot(), "ascii")


def list_reboot_reasons(
    plan: Plan, packs: tuple[LoadedPack, ...], target: Target, progress: dict[str, Progress], case: Path
) -> tuple[str, ...]:
    """Why this host must be started anew before what the plan did is sure; none where it was since, where nothing was
    done, and on a target that does not run.
    """
    if "processes" not in target.info.offers or not any(each.event == "verified" for each in progress.values()):
        return ()
    if _was_started_since(case):
        return ()
    done = [action for action in plan.actions if action.id in progress and progress[action.id].event == "verified"]
    reasons = [
        f"{item.pack.name}: its removal is sure only after a start of the host"
        for item in packs
        if item.pack.removal and item.pack.removal.needs_reboot and item.pack.name in {each.pack for each in done}
    ]
    for action in done:
        if action.upgrade is not None:
            name = action.upgrade.name
            reasons += [f"{name}: {rule.because}" for rule in _read_rules().packages if rule.fits(name)]
            continue
        try:
            name = find_below(action.path, target.info.root).decode(errors="backslashreplace")
        except Refused:
            continue
        reasons += [f"/{name}: {rule.because}" for rule in _read_rules().files if rule.fits(name)]
    return tuple(dict.fromkeys(reasons))


def _was_started_since(case: Path) -> bool:
    """Whether the system was started since the plan was applied; False where the case does not say."""
    try:
        with (case / _MARK).open("rb") as file:
            marked = file.read(_MOST_MARK).decode("ascii", "replace").strip()
    except OSError:
        return False
    return bool(marked) and marked != read_boot()
