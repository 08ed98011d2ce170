"""Opening a hive's file: what state it is in, and its logs replayed in memory if a write to it was not finished."""

import contextlib
import os
from collections.abc import Iterable
from typing import NamedTuple

from codered.collect.registry.finding_hives import FoundHive, find_beside, list_names
from codered.collect.registry.hive_bytes import HiveBytes
from codered.collect.registry.hive_cells import BrokenCell
from codered.collect.registry.hive_reading import HiveFile
from codered.collect.registry.namespace import UnreadHive
from codered.engine.hives.hive_header import BINS_AT, MOST, HiveHeader, NotAHive, read_header
from codered.engine.hives.transaction_logs import replay_logs
from codered.model.paths import path_from_bytes
from codered.model.registry import HiveSeen, HiveState, escape_name
from codered.model.target import Target

_LOGS = (".LOG", ".LOG1", ".LOG2")


def open_hive(target: Target, found: FoundHive) -> HiveFile | UnreadHive:
    """The hive, as far as it can be read; never an error."""
    try:
        raw = HiveBytes(target.open_file(found.rel))
    except OSError as error:
        return _refuse(target, found, f"its file can't be opened ({error.strerror or error})")
    if raw.file_size > MOST:
        return _refuse(target, found, f"its file has {raw.file_size} bytes, more than {MOST}, which is not read")
    opened = _repair(target, found, raw)
    header = opened.header
    gaps = [*opened.gaps]
    if header and BINS_AT + header.bins > raw.file_size and opened.state != "replayed":
        gaps.append(f"cut short: {raw.file_size} bytes of {BINS_AT + header.bins}")
    seen = _describe(target, found, opened.state, (*opened.notes, *gaps))
    try:
        return HiveFile(raw, header, seen, gaps)
    except BrokenCell as error:
        return _refuse(target, found, "; ".join((*gaps, str(error))))


class _Opened(NamedTuple):
    header: HiveHeader | None
    state: HiveState
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def _repair(target: Target, found: FoundHive, raw: HiveBytes) -> _Opened:
    """The hive's header, after its logs were replayed if it needs them."""
    why = "a write to it was not finished, and no log of it fits: its last changes are not seen"
    header = None
    try:
        header = read_header(raw.read(0, 512))
        if not header.is_dirty:
            return _Opened(header, "clean")
    except NotAHive as error:
        why = str(error)
    replay = replay_logs(raw, header, _open_logs(target, found))
    if replay.header:
        return _Opened(replay.header, "replayed", replay.notes)
    return _Opened(header, "dirty" if header else "carved", replay.notes, (why,))


def _open_logs(target: Target, found: FoundHive) -> dict[str, HiveBytes]:
    logs = {}
    for rel in find_beside(target, found.rel, _LOGS).values():
        with contextlib.suppress(OSError):  # a log that can't be opened is one that is not there: the hive stays dirty
            logs[escape_name(os.fsdecode(rel.rpartition(b"/")[2]))] = HiveBytes(target.open_file(rel))
    return logs


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
