"""What an update changes, as it is told to whoever decides about it."""

import hashlib
from pathlib import Path

import msgspec

from codered.model.errors import WrongUse
from codered.packs.heuristics import ENDING, count_rules
from codered.packs.strict_yaml import read_bytes
from codered.packs.updating.composing import Composition


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A pack (or file of heuristics) that is another one than before: "" is a version that was or is not there. Files
    of heuristics have no version: their number of rules and the start of their SHA-256 stand for it.
    """

    name: str
    was: str
    now: str
    source: str


def compare_heuristics(folder: Path, composition: Composition) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """The files of heuristics that differ from those in a folder, and warnings if there are fewer rules than there."""
    before = {path.name: read_bytes(path) for path in sorted(folder.glob(f"*{ENDING}"))}
    after = {name: data for name, data in composition.files.items() if name.endswith(ENDING) and "/" not in name}
    changed = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    changes = tuple(
        Change(name=name, was=_tell(before, name), now=_tell(after, name), source=composition.heuristics.get(name, ""))
        for name in changed
    )
    warnings = tuple(
        f"{name}: {had} rules before, {have} now: what the others found is not found any more"
        for name in changed
        if (have := _count(after, name)) < (had := _count(before, name))
    )
    return changes, warnings


def _tell(files: dict[str, bytes], name: str) -> str:
    if name not in files:
        return ""
    return f"{_count(files, name)} rules ({hashlib.sha256(files[name]).hexdigest()[:8]})"


def _count(files: dict[str, bytes], name: str) -> int:
    """None in a file that can't be read: it is refused when the set is tried."""
    try:
        return count_rules(files[name], name) if name in files else 0
    except WrongUse:
        return 0
