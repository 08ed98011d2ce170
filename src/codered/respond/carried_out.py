"""Jobs that change something are carried out once: which ones were, remembered in the state folder.

fleet/carried-out/<job id>.json     begun, and answered when its answer is kept
fleet/answers/<name>.json           sealed answers, fetched whole or in pieces, removed after a week
"""

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.system.descriptors import NO_FOLLOW, NOT_INHERITED, RAW, READ_FILE
from codered.system.folders import sync_folder
from codered.system.locks import lock_whole
from codered.system.private_files import MAKE_OURS_ALONE, is_ours, make_private_folder
from codered.system.state_folder import state_folder

KEPT_DAYS = 7
REMEMBERED_BEYOND = timedelta(days=365)
"""After a job's expiry: a clock that is set back must not make it new."""
_MOST_MARK = 4096
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOT_INHERITED | RAW


class Mark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a job was begun, by the SHA-256 of its body; `answered` when its answer was kept."""

    sha256: str
    expires: datetime
    answered: bool = False


def open_fleet_folder(name: str) -> Path:
    """A folder of ours alone below fleet/ in the state folder, made if need be. Raises Refused, WrongUse."""
    top = state_folder()
    for folder in (top, top / "fleet", top / "fleet" / name):
        try:
            make_private_folder(folder)
            status = folder.lstat()
        except OSError as error:
            advice = "make room, or set CODERED_STATE to a folder elsewhere"
            raise WrongUse(f"can't be made: {error.strerror}", where=str(folder), advice=advice) from None
        if folder != top and not (stat.S_ISDIR(status.st_mode) and is_ours(status, folder)):
            advice = f"see who made it, then remove it or make it yours alone ({MAKE_OURS_ALONE})"
            raise Refused("others may write in this folder, or it is a link", where=str(folder), advice=advice)
    return top / "fleet" / name


def write_private(path: Path, body: bytes) -> None:
    """A file of ours alone, whole or not at all, on the disk when this returns. Raises WrongUse."""
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(os.open(part, _NEW, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(os.fsencode(path.parent))
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WrongUse(f"can't be written: {error.strerror}", where=str(path), advice="make room there") from None


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """While this is open no other job is carried out on this host. Raises Refused if one is."""
    path = open_fleet_folder("carried-out") / ".lock"
    with open(os.open(path, os.O_RDWR | os.O_CREAT | NO_FOLLOW | NOT_INHERITED, 0o600), "rb") as lock:
        try:
            lock_whole(lock.fileno())
        except OSError:
            what, advice = "another job that changes something is being carried out", "send it again later"
            raise Refused(what, where=str(path), advice=advice) from None
        yield


def begin(job_id: str, sha256: str, expires: datetime) -> bool:
    """Note on the disk that this job is begun; False if it was answered before. One that was broken off goes on. Raises
    Refused if another job had this id.
    """
    folder = open_fleet_folder("carried-out")
    _forget_old(folder)
    mark = _read_mark(folder / f"{job_id}.json")
    if mark is not None and mark.sha256 != sha256:
        advice = "have a new one made, with an id of its own"
        raise Refused("another job of this id was carried out before", where=job_id, advice=advice)
    if mark is not None and mark.answered:
        return False
    write_private(folder / f"{job_id}.json", msgspec.json.encode(Mark(sha256=sha256, expires=expires)))
    return True


def end(job_id: str, sha256: str, expires: datetime) -> None:
    """Note that the answer to this job is kept: it is never carried out again. Raises WrongUse."""
    path = open_fleet_folder("carried-out") / f"{job_id}.json"
    write_private(path, msgspec.json.encode(Mark(sha256=sha256, expires=expires, answered=True)))


def forget(job_id: str) -> None:
    """Take the note back: a guard refused, and nothing was touched. Raises Refused, WrongUse."""
    (open_fleet_folder("carried-out") / f"{job_id}.json").unlink(missing_ok=True)


def is_under_way(job_id: str, sha256: str) -> bool:
    """Whether this very job was begun and is not answered yet. Raises Refused, WrongUse."""
    mark = _read_mark(open_fleet_folder("carried-out") / f"{job_id}.json")
    return mark is not None and mark.sha256 == sha256 and not mark.answered


def forget_answers(folder: Path) -> None:
    """Remove the answers, and what was left half written, that are older than a week."""
    oldest = time.time() - KEPT_DAYS * 86400
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_mtime < oldest:
                    os.unlink(entry.path)


def _read_mark(path: Path) -> Mark | None:
    try:
        with open(os.open(path, READ_FILE), "rb") as file:
            return msgspec.json.decode(file.read(_MOST_MARK), type=Mark)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        advice = "see what became of that job; then remove the file"
        raise Refused("whether this job was carried out can't be told", where=str(path), advice=advice) from None


def _forget_old(folder: Path) -> None:
    """Marks of jobs that nobody would obey any more; one that can't be read stays."""
    for path in folder.glob("*.json"):
        with contextlib.suppress(Refused, OSError):
            mark = _read_mark(path)
            if mark is not None and mark.expires + REMEMBERED_BEYOND < datetime.now(UTC):
                path.unlink()
