"""Logs for the evidence: those that were written to since the time that matters, whole or their end."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from importlib import resources

import msgspec

from codered.evidence.container import EvidenceContainer, Kept
from codered.model.errors import Refused
from codered.model.evidence import FileAttributes, ItemOrigin
from codered.model.paths import FilePath, path_from_bytes
from codered.model.target import Target
from codered.remediate.file_state import find_below
from codered.scan.evidence_files import read_pieces
from codered.scan.evidence_secrets import REASON, Secrets
from codered.scan.evidence_subjects import EvidenceSubjects

MOST_LOG = 64 << 20  # bytes; of a larger log its last part is kept
MOST_LOGS = 2_000
MOST_NAMES = 20_000  # looked at in one folder


class LogPlace(msgspec.Struct, frozen=True):
    """Names of logs in a folder below the root; a folder's last part may be `*`."""

    folder: str
    names: tuple[str, ...]


class LogFound(msgspec.Struct, frozen=True):
    """A log: its path below the root, how many bytes are kept of it, whether it was written to in time, whether it lies
    where the system's logs do. What only a report calls a log may be any file.
    """

    rel: bytes
    size: int
    in_time: bool
    usual: bool = False


def find_logs(target: Target, subjects: EvidenceSubjects) -> tuple[LogFound, ...]:
    """The system's logs and those that findings name."""
    since = subjects.since.timestamp()
    found: dict[bytes, LogFound] = {}
    for path in subjects.logs:
        try:
            rel = find_below(path, target.info.root)
        except Refused:
            continue
        found[rel] = LogFound(rel, _measure(target, rel), in_time=True)
    for rel, seen in _list_logs(target):
        in_time = rel in found or seen.st_mtime >= since
        found[rel] = LogFound(rel, min(seen.st_size, MOST_LOG), in_time, usual=True)
    return tuple(found.values())[:MOST_LOGS]


def collect_logs(
    container: EvidenceContainer, target: Target, logs: tuple[tuple[LogFound, ...], datetime], secrets: Secrets
) -> None:
    """Keep the logs (and the time since when they matter) but for secrets that are called logs. Raises DiskFull."""
    found, since = logs
    for log in found:
        path = path_from_bytes(target.absolute(log.rel))
        if secrets.names_secret(log.rel):
            container.leave_out(f"log {path.text}", REASON, path)
        elif not log.in_time:
            container.leave_out(f"log {path.text}", f"not written to since {since.astimezone(UTC):%F %T} UTC", path)
        else:
            _collect(container, target, (log, path), secrets)


def _collect(container: EvidenceContainer, target: Target, what: tuple[LogFound, FilePath], secrets: Secrets) -> None:
    log, path = what
    try:
        fd = target.open_file(log.rel)
    except OSError as error:
        container.leave_out(f"log {path.text}", error.strerror or str(error), path)
        return
    try:
        seen, kept = os.fstat(fd), Kept()
        if secrets.is_secret(seen):
            container.leave_out(f"log {path.text}", REASON, path)
            return
        attributes = FileAttributes(
            mode=seen.st_mode, uid=seen.st_uid, gid=seen.st_gid, mtime_ns=seen.st_mtime_ns,
            ctime_ns=seen.st_ctime_ns, atime_ns=seen.st_atime_ns, device=seen.st_dev, inode=seen.st_ino,
        )  # fmt: skip
        origin = ItemOrigin(kind="log", source="the log, or its end", path=path, attributes=attributes)
        pieces = read_pieces(fd, kept, MOST_LOG, tail=MOST_LOG)
        if not log.usual:
            pieces = secrets.guard(pieces)
        elif seen.st_size <= MOST_LOG:  # else the first piece begins in the middle, maybe with a stranger's words
            pieces = secrets.guard_start(pieces)
        container.add(origin, pieces, kept)
    finally:
        os.close(fd)


def _list_logs(target: Target) -> Iterator[tuple[bytes, os.stat_result]]:
    text = resources.files("codered.scan").joinpath("evidence_logs.json").read_bytes()
    for place in msgspec.json.decode(text, type=tuple[LogPlace, ...]):
        for folder in _spread(target, place.folder.encode()):
            for name, seen in _list_folder(target, folder):
                shown = name.decode(errors="backslashreplace")
                if stat.S_ISREG(seen.st_mode) and any(fnmatchcase(shown, one) for one in place.names):
                    yield folder + b"/" + name, seen


def _spread(target: Target, folder: bytes) -> list[bytes]:
    parent, _, last = folder.rpartition(b"/")
    if last != b"*":
        return [folder]
    inner = [name for name, seen in _list_folder(target, parent) if stat.S_ISDIR(seen.st_mode)]
    return [parent + b"/" + name for name in inner]


def _list_folder(target: Target, rel: bytes) -> list[tuple[bytes, os.stat_result]]:
    """What lies in a folder; nothing if it is not there or can't be listed."""
    try:
        folder = target.open_dir(rel)
    except OSError:
        return []
    found = []
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number == MOST_NAMES:
                    break
                try:
                    found.append((os.fsencode(entry.name), entry.stat(follow_symlinks=False)))
                except OSError:
                    continue
    finally:
        os.close(folder)
    return sorted(found, key=lambda one: one[0])


def _measure(target: Target, rel: bytes) -> int:
    try:
        fd = target.open_file(rel)
    except OSError:
        return 0
    try:
        return min(os.fstat(fd).st_size, MOST_LOG)
    finally:
        os.close(fd)
