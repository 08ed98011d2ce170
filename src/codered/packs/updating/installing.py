"""A set is written beside the one in use, tried, and only then switched to by one rename. What is killed or runs out
of space on the way leaves the set in use as it was.
"""

import contextlib
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from codered import __version__
from codered.model.errors import Refused, RolledBack, WrongUse
from codered.packs.loading import load_pack
from codered.packs.updating.composing import Composition
from codered.packs.updating.current import (
    PACKS_FOLDER,
    POINTER_FILE,
    RECORD_FILE,
    SETS_FOLDER,
    CurrentSet,
    Pointer,
    SetRecord,
    read_current,
    read_pointer,
    read_set,
)
from codered.packs.updating.writing import replace_file, write_synced
from codered.system.folders import sync_folder
from codered.system.private_files import make_private_folder

KEPT_SETS = 3
_UNFINISHED = ".new"
_LEAVING = ".old"
_MOST_SHOWN = 3

Judge = Callable[[Path, tuple[str, ...]], tuple[str, ...]]
"""Tries the packs in a folder, given the names of those that are not the tool's own: what is wrong, a line each."""


def install_set(home: Path, composition: Composition, judge: Judge, now: datetime) -> CurrentSet:
    """Write, try and switch to a set; whoever calls holds the lock. Raises Refused if its packs are not good,
    RolledBack if it can't be written: the set in use stays.
    """
    sets = home / SETS_FOLDER
    unfinished = sets / _UNFINISHED
    try:
        make_private_folder(sets)
        _clear(sets)
        number = max((_number_of(path) for path in sets.iterdir()), default=0) + 1
        record = _make_record(number, composition, now)
        _write_set(unfinished, composition, record)
        _demand_good(judge, unfinished / PACKS_FOLDER, composition)
        name = f"{number}-{record.digest[:12]}"
        os.rename(unfinished, sets / name)
        sync_folder(os.fsencode(sets))
        installed = read_set(home, name)
        _point(home, Pointer(set=name, sha256=installed.record_sha256))
        _forget_old(home, name)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        what = f"the new packs can't be written: {error.strerror}"
        raise RolledBack(what, where=str(sets), advice="the packs in use stay; make room") from None
    except Refused:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return installed


def go_back(home: Path) -> CurrentSet | None:
    """Switch to the set before the one in use, or to the shipped packs (None) if there is no earlier one that is
    whole; whoever calls holds the lock. The set that is left is not installed again unasked. Raises Refused if
    no set is in use, RolledBack if it can't be written.
    """
    pointer = read_pointer_leniently(home)
    if not pointer.set:
        raise Refused("no installed packs are in use", advice="the packs shipped with the tool are; run packs update")
    left = _digest_of(home, pointer)
    names = sorted(list_sets(home), key=_number_of_name, reverse=True)
    earlier = [name for name in names if _number_of_name(name) < _number_of_name(pointer.set)]
    try:
        for name in earlier:
            with contextlib.suppress(WrongUse):
                found = read_set(home, name)
                _point(home, Pointer(set=name, sha256=found.record_sha256, left=left))
                return found
        _point(home, Pointer(set="", sha256="", left=left))
    except OSError as error:
        advice = "the packs in use stay; make room"
        raise RolledBack(f"can't be written: {error.strerror}", where=str(home), advice=advice) from None
    return None


def list_sets(home: Path) -> list[str]:
    """The names of the sets that are kept, whole or not, oldest first."""
    try:
        names = [entry.name for entry in os.scandir(home / SETS_FOLDER) if not entry.name.startswith(".")]
    except OSError:
        return []
    return sorted((name for name in names if _number_of_name(name)), key=_number_of_name)


def read_pointer_leniently(home: Path) -> Pointer:
    """Which set is in use; the shipped packs if that can't be told."""
    try:
        return read_pointer(home)
    except WrongUse:
        return Pointer(set="", sha256="")


def read_current_leniently(home: Path) -> CurrentSet | None:
    """The set in use if it is whole."""
    try:
        return read_current(home)
    except WrongUse:
        return None


def _digest_of(home: Path, pointer: Pointer) -> str:
    try:
        return read_set(home, pointer.set).record.digest
    except WrongUse:
        return ""  # it was damaged: the next update may bring it again


def _make_record(number: int, composition: Composition, now: datetime) -> SetRecord:
    return SetRecord(
        number=number,
        made=now.isoformat(timespec="seconds"),
        tool=__version__,
        digest=composition.digest(),
        packs=composition.packs,
        files=composition.hashes(),
        heuristics=dict(composition.heuristics),
    )


def _write_set(folder: Path, composition: Composition, record: SetRecord) -> None:
    make_private_folder(folder / PACKS_FOLDER)
    folders = {folder / PACKS_FOLDER, folder}
    for name, data in composition.files.items():
        path = folder / PACKS_FOLDER / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folders.update(parent for parent in path.parents if folder in parent.parents)
        write_synced(path, data)
    write_synced(folder / RECORD_FILE, msgspec.json.encode(record))
    for each in sorted(folders, key=lambda path: len(path.parts), reverse=True):
        sync_folder(os.fsencode(each))


def _demand_good(judge: Judge, folder: Path, composition: Composition) -> None:
    new = tuple(pack for pack in composition.packs if pack.source)
    try:
        loaded = [load_pack(folder / pack.name) for pack in new]
        problems = tuple(
            f"{pack.name}: is not version {pack.version}, as its source says"
            for pack, there in zip(new, loaded, strict=True)
            if (there.pack.version, there.digest) != (pack.version, pack.digest)
        )
        problems = problems or judge(folder, tuple(pack.name for pack in new))
    except WrongUse as error:
        problems = (str(error),)
    if problems:
        shown = "; ".join(problems[:_MOST_SHOWN]).replace(str(folder) + os.sep, "")
        more = f"; and {len(problems) - _MOST_SHOWN} more" if len(problems) > _MOST_SHOWN else ""
        raise Refused(f"the new packs are not good: {shown}{more}", advice="the packs in use stay; tell the publisher")


def _point(home: Path, pointer: Pointer) -> None:
    """The switch: one rename."""
    replace_file(home / POINTER_FILE, msgspec.json.encode(pointer))


def _forget_old(home: Path, current: str) -> None:
    """Keep the last three. A set is renamed before it is taken apart, so that half of one never looks like one."""
    for name in list_sets(home)[:-KEPT_SETS]:
        if name != current:
            os.rename(home / SETS_FOLDER / name, home / SETS_FOLDER / f"{_LEAVING}-{name}")
    _clear(home / SETS_FOLDER)


def _clear(sets: Path) -> None:
    """What an update that was killed left behind."""
    for entry in list(os.scandir(sets)):
        if entry.name.startswith((_UNFINISHED, _LEAVING)):
            shutil.rmtree(entry.path, ignore_errors=True)


def _number_of(path: Path) -> int:
    return _number_of_name(path.name)


def _number_of_name(name: str) -> int:
    number = name.partition("-")[0]
    return int(number) if number.isdecimal() and number.isascii() and len(number) < 10 else 0
