"""The folder of the keeper: orders that are to be taken back, and what came of that. Files, so that they outlive every
process and every database; each is written whole or not at all.

    due/UID.json      taken back when its time comes       failing/UID.json  tried, and to be tried again
    done/UID.json     what came of it                      aside/NAME        what was no order
"""

import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec

from codered.model.errors import WrongUse
from codered_hq.model.device import ControlOrder, ControlState

DUE: Final = "due"
DONE: Final = "done"
FAILING: Final = "failing"
ASIDE: Final = "aside"
MOST_BYTES = 1 << 20
MOST_FILES = 100_000
_UID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_Kept = TypeVar("_Kept")


class KeptOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order that was carried out, the state before it, and when it is to be taken back (aware). `boot` and
    `deadline` (seconds of a clock that nobody sets) are written by `hand_over`: a wall clock that is set moves nothing
    as long as the machine is not started anew.
    """

    uid: str
    order: ControlOrder
    before: ControlState
    undo_at: datetime
    boot: str = ""
    deadline: float = 0.0


class KeptResult(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of it: undone, already (it was as before), touched (somebody else changed it: left as it is), failing
    (tried again), broken (its file can't be read: set aside). `message` is one line for people.
    """

    uid: str
    outcome: Literal["undone", "already", "touched", "failing", "broken"]
    at: datetime
    device: str = ""
    tries: int = 1
    message: str = ""


class NoOrder(Exception):
    """A file is no order; the text says why."""


def tell_boot() -> str:
    """Which start of the machine this is; "" if it can't be told."""
    with suppress(OSError):
        return _BOOT.read_text("ascii").strip()
    return ""


def tell_ticks() -> float:
    """Seconds since the machine was started, those asleep too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def is_due(kept: KeptOrder, at: datetime) -> bool:
    """Whether its time has come."""
    if kept.boot and kept.boot == tell_boot():
        return tell_ticks() >= kept.deadline
    return at >= kept.undo_at


def hand_over(folder: Path, kept: KeptOrder) -> None:
    """Have it taken back when its time comes; on disk when this returns. Raises WrongUse for a uid that is no name of
    a file.
    """
    seconds = (kept.undo_at - datetime.now(UTC)).total_seconds()
    marked = msgspec.structs.replace(kept, boot=tell_boot(), deadline=tell_ticks() + seconds)
    write_file(folder / DUE / f"{check_uid(kept.uid)}.json", msgspec.json.encode(marked))


def withdraw(folder: Path, uid: str) -> bool:
    """It is not to be taken back any more (it was, by somebody). False if it was not there."""
    name = f"{check_uid(uid)}.json"
    (folder / FAILING / name).unlink(missing_ok=True)
    try:
        (folder / DUE / name).unlink()
    except FileNotFoundError:
        return False
    return True


def read_done(folder: Path) -> list[KeptResult]:
    """What is taken back, or was no order, oldest first."""
    return _read_results(folder / DONE)


def read_failing(folder: Path) -> list[KeptResult]:
    """What could not be taken back yet and is tried again, oldest first."""
    return _read_results(folder / FAILING)


def forget_done(folder: Path, uid: str) -> None:
    """Its result is written down elsewhere."""
    (folder / DONE / f"{check_uid(uid)}.json").unlink(missing_ok=True)


def _read_results(folder: Path) -> list[KeptResult]:
    found = []
    for name in list_names(folder):
        try:
            result = read_file(folder / name, KeptResult)
            if f"{result.uid}.json" != name or not _UID.fullmatch(result.uid) or result.at.tzinfo is None:
                raise NoOrder("its name and its uid are not the same, or its time has no zone")
        except FileNotFoundError:
            continue
        except NoOrder:
            set_aside(folder / name)
            continue
        found.append(result)
    return sorted(found, key=lambda one: (one.at, one.uid))


def set_aside(path: Path) -> None:
    """What is no order and no result goes to another folder: it keeps nobody waiting."""
    aside = path.parents[1] / ASIDE
    aside.mkdir(mode=0o700, exist_ok=True)
    with suppress(OSError):  # it is gone already, or is no file and has a like there: it is skipped again
        os.replace(path, aside / path.name)


def read_kept(folder: Path, name: str) -> KeptOrder:
    """One due order. Raises NoOrder, and FileNotFoundError if it was withdrawn."""
    kept = read_file(folder / DUE / name, KeptOrder)
    if f"{kept.uid}.json" != name or not _UID.fullmatch(kept.uid):
        raise NoOrder("its name and its uid are not the same")
    if kept.undo_at.tzinfo is None:
        raise NoOrder("undo_at has no time zone")
    return kept


def list_names(folder: Path) -> list[str]:
    """The files in one of the folders, without those that are being written."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry, _ in zip(entries, range(MOST_FILES), strict=False)]
    except FileNotFoundError:
        return []
    return sorted(name for name in names if not name.startswith("."))


def check_uid(uid: str) -> str:
    """The uid, if it can be the name of a file. Raises WrongUse."""
    if not _UID.fullmatch(uid):
        raise WrongUse(
            "a uid is made of letters, digits, - and _", where=ascii(uid[:64]), advice="give that of a containment"
        )
    return uid


def read_file(path: Path, kind: type[_Kept]) -> _Kept:
    """One file as a noun; no link is followed. Raises NoOrder, FileNotFoundError."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NoOrder("is no plain file")
            raw = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NoOrder(f"can't be read: {error.strerror}") from None
    if len(raw) > MOST_BYTES:
        raise NoOrder("is larger than 1 MiB")
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoOrder(str(error)[:200]) from None


def write_file(path: Path, raw: bytes) -> None:
    """Whole or not at all, and on disk when this returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "wb"
    ) as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    with opened(path.parent, os.O_RDONLY | os.O_DIRECTORY) as place:
        os.fsync(place)


@contextmanager
def opened(path: Path, flags: int) -> Iterator[int]:
    """A descriptor for as long as it lasts."""
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def at_the_door(folder: Path) -> Iterator[None]:
    """One at a time: who starts a keeper, and a keeper that ends."""
    with opened(folder / "door", os.O_RDWR | os.O_CREAT) as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield
