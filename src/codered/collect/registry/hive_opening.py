"""Opening a hive's file: what state it is in, and its logs replayed in memory if a write to it was not finished."""

from collections.abc import Iterable

from codered.collect.registry.finding_hives import FoundHive, list_names
from codered.collect.registry.hive_bytes import MOST, HiveBytes
from codered.collect.registry.hive_cells import BrokenCell
from codered.collect.registry.hive_header import BINS_AT, HiveHeader, NotAHive, read_header
from codered.collect.registry.hive_reading import HiveFile
from codered.collect.registry.namespace import UnreadHive
from codered.model.paths import path_from_bytes
from codered.model.registry import HiveSeen, HiveState
from codered.model.target import Target


def open_hive(target: Target, found: FoundHive) -> HiveFile | UnreadHive:
    """The hive, as far as it can be read; never an error."""
    try:
        raw = HiveBytes(target.open_file(found.rel))
    except OSError as error:
        return _refuse(target, found, f"its file can't be opened ({error.strerror or error})")
    if raw.file_size > MOST:
        return _refuse(target, found, f"its file has {raw.file_size} bytes, more than {MOST}, which is not read")
    gaps: list[str] = []
    header: HiveHeader | None = None
    try:
        header = read_header(raw.read(0, 512))
    except NotAHive as error:
        gaps.append(str(error))
    state: HiveState = "clean"
    if header and header.is_dirty:
        state = "dirty"
        gaps.append("a write to it was not finished, so its last changes are not seen")
    if header and BINS_AT + header.bins > raw.size:
        gaps.append(f"cut short: {raw.size} bytes of {BINS_AT + header.bins}")
    try:
        return HiveFile(raw, header, _describe(target, found, state, gaps), gaps)
    except BrokenCell as error:
        return _refuse(target, found, "; ".join((*gaps, str(error))))


def _refuse(target: Target, found: FoundHive, why: str) -> UnreadHive:
    notes = [why]
    for rel in find_old_copy(target, found):
        notes.append(f"an older copy lies at {target.shown(rel) or path_from_bytes(target.absolute(rel)).text}")
    return UnreadHive(_describe(target, found, "unreadable", notes), "; ".join(notes))


def find_old_copy(target: Target, found: FoundHive) -> list[bytes]:
    """The copy that Windows kept of a hive of the machine, if there is one."""
    folder, _, name = found.rel.rpartition(b"/")
    kept = [folder + b"/" + each for each in list_names(target, folder) if each.lower() == b"regback"]
    return [inner + b"/" + each for inner in kept for each in list_names(target, inner) if each.lower() == name.lower()]


def _describe(target: Target, found: FoundHive, state: HiveState, notes: Iterable[str]) -> HiveSeen:
    path = path_from_bytes(target.absolute(found.rel))
    return HiveSeen(root=found.root, path=path, shown=target.shown(found.rel), state=state, notes=tuple(notes))
