"""The set of packs that updates have installed: which one is in use, and whether it is whole.

    <state>/packs/current                   a small file: the set in use and the digest of its record
    <state>/packs/sets/<number>-<digest>/   set.json (its record: every file with its SHA-256) and packs/

A set is believed only if the record has the recorded digest and every file is there, as recorded, and no other.
"""

import hashlib
import os
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import read_bytes
from codered.system.private_files import TAKE_FROM_OTHERS, is_ours, may_be_foreign, state_home

POINTER_FILE = "current"
SETS_FOLDER = "sets"
RECORD_FILE = "set.json"
PACKS_FOLDER = "packs"
MOST_RECORD_BYTES = 4 << 20
MOST_FILE_BYTES = 8 << 20

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
SetName = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{1,9}-[0-9a-f]{12})?$(?!\n)")]
MaybeDigest = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?$(?!\n)")]


class SetPack(msgspec.Struct, frozen=True, kw_only=True):
    """A pack of a set. `source` is the name of the source it came from, "" for one that was shipped with the tool."""

    name: str
    version: str
    digest: str
    source: str = ""


class SetRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a set holds: packs, and the SHA-256 of every file below `packs/`. `digest` is over all files, `tool` is the
    version of the tool that tried it, `heuristics` the source of each file of them that the tool did not ship.
    """

    format: Literal[1] = 1
    number: int
    made: str
    tool: str
    digest: Digest
    packs: tuple[SetPack, ...]
    files: dict[str, Digest]
    heuristics: dict[str, str] = {}


class Pointer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The set in use ("" = the shipped packs). `left` is the digest of the one somebody went back from."""

    set: SetName
    sha256: MaybeDigest
    left: MaybeDigest = ""


class CurrentSet(NamedTuple):
    """A whole set, and where its packs lie."""

    folder: Path
    record: SetRecord
    name: str
    record_sha256: str


def find_home() -> Path | None:
    """The folder of installed packs below the state; None if others may have made it, or there is none."""
    if chosen := os.environ.get("CODERED_STATE"):
        home = Path(chosen).absolute() / PACKS_FOLDER
    else:
        state = state_home()
        if may_be_foreign(state):
            return None
        home = state / PACKS_FOLDER
    return home if os.path.lexists(home / POINTER_FILE) else None


def read_current(home: Path) -> CurrentSet | None:
    """The set in use; None if that is the shipped packs. Raises WrongUse if it can't be used."""
    pointer = read_pointer(home)
    if not pointer.set:
        return None
    found = read_set(home, pointer.set)
    if found.record_sha256 != pointer.sha256:
        raise _broken(home, "its record is not the one that was installed")
    return found


def read_pointer(home: Path) -> Pointer:
    """Which set is in use. Raises WrongUse."""
    path = home / POINTER_FILE
    if not os.path.lexists(path):
        return Pointer(set="", sha256="")
    _demand_ours(home)
    _demand_ours(path)
    try:
        return msgspec.json.decode(read_bytes(path, 4096), type=Pointer)
    except msgspec.MsgspecError:
        raise _broken(path, "can't be read") from None


def read_set(home: Path, name: str) -> CurrentSet:
    """A set that is there, once all of its files were looked at. Raises WrongUse if it is not whole."""
    top = home / SETS_FOLDER / name
    for place in (home / SETS_FOLDER, top, top / RECORD_FILE, top / PACKS_FOLDER):
        _demand_ours(place)
    data = read_bytes(top / RECORD_FILE, MOST_RECORD_BYTES)
    try:
        record = msgspec.json.decode(data, type=SetRecord)
    except msgspec.MsgspecError:
        raise _broken(top, "its record can't be read") from None
    if list_files(top / PACKS_FOLDER) != set(record.files):
        raise _broken(top, "files are missing or too many")
    for file, sha256 in record.files.items():
        if hashlib.sha256(read_bytes(top / PACKS_FOLDER / file, MOST_FILE_BYTES)).hexdigest() != sha256:
            raise _broken(top / PACKS_FOLDER / file, "not as it was installed")
    return CurrentSet(top / PACKS_FOLDER, record, name, hashlib.sha256(data).hexdigest())


def list_files(folder: Path) -> set[str]:
    """Every name below a folder that is not a folder itself, relative to it."""
    return {
        os.path.relpath(os.path.join(here, name), folder).replace(os.sep, "/")
        for here, folders, files in os.walk(folder)
        for name in (*files, *(each for each in folders if os.path.islink(os.path.join(here, each))))
    }


def order_version(version: str) -> tuple[int, ...]:
    """A version as something that can be compared; () for what is none."""
    parts = version.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() and len(part) < 10 for part in parts) else ()


def find_fault_of_owner(place: Path) -> WrongUse | None:
    """What is wrong about a place that only we may have written; None if it is ours."""
    try:
        if is_ours(os.lstat(place), place):
            return None
    except OSError as error:
        return _broken(place, error.strerror or "can't be looked at")
    return WrongUse("others may have written it", where=str(place), advice=f"look at it, then {TAKE_FROM_OTHERS}")


def _demand_ours(place: Path) -> None:
    if fault := find_fault_of_owner(place):
        raise fault


def _broken(place: Path, what: str) -> WrongUse:
    return WrongUse(f"the installed packs are damaged: {what}", where=str(place), advice="run codered packs update")
