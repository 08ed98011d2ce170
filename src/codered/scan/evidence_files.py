"""Files for the evidence: their content as it is, attributes, and the times of their folder; never through a link."""

import errno
import os
import stat
from collections.abc import Iterator

from codered.evidence.container import EvidenceContainer, Kept
from codered.model.errors import Refused
from codered.model.evidence import FileAttributes, FolderTimes, ItemKind, ItemOrigin
from codered.model.paths import FilePath
from codered.model.target import Target
from codered.remediate.file_state import find_below
from codered.scan.evidence_secrets import REASON, Secrets

PIECE = 1 << 20
MOST_FILE = 256 << 20  # bytes; of a larger file only PART is kept
PART = 64 << 20
_LINK_ON_THE_WAY = (errno.ELOOP, errno.ENOTDIR)


def collect_file(container: EvidenceContainer, target: Target, path: FilePath, secrets: Secrets) -> None:
    """Keep a file, or what a link says; else note why not. Raises DiskFull."""
    try:
        rel = find_below(path, target.info.root)
    except Refused as error:
        container.leave_out(f"file {path.text}", error.what, path)
        return
    _collect(container, target, (path, rel), secrets)


def collect_below(container: EvidenceContainer, target: Target, rel: bytes, path: FilePath, kind: ItemKind) -> None:
    """Keep a file of the system's own (a package database) whole, if it is there. Raises DiskFull."""
    with_kind = (kind, path)
    try:
        fd = target.open_file(rel)
    except FileNotFoundError:
        return
    except OSError as error:
        container.leave_out(f"{kind} {path.text}", error.strerror or str(error), path)
        return
    _keep(container, fd, with_kind, Secrets())


def _collect(container: EvidenceContainer, target: Target, place: tuple[FilePath, bytes], secrets: Secrets) -> None:
    path, rel = place
    what = f"file {path.text}"
    if secrets.names_secret(rel):
        container.leave_out(what, REASON, path)
        return
    parent, _, name = rel.rpartition(b"/")
    try:
        folder = target.open_dir(parent)
    except OSError as error:
        container.leave_out(what, _tell(error), path)
        return
    try:
        seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(seen.st_mode):
            origin = ItemOrigin(kind="link", source="where the link leads", path=path, attributes=_describe(seen))
            container.add(origin, [os.readlink(name, dir_fd=folder)])
        elif stat.S_ISREG(seen.st_mode):
            times = _read_times(folder)
            _keep(container, target.open_at(folder, name), ("file", path), secrets, times)
        else:
            container.leave_out(what, "is no regular file", path)
    except OSError as error:
        container.leave_out(what, _tell(error), path)
    finally:
        os.close(folder)


def _keep(
    container: EvidenceContainer,
    fd: int,
    what: tuple[ItemKind, FilePath],
    secrets: Secrets,
    folder: FolderTimes | None = None,
) -> None:
    """Keep an open file; closes it. Raises DiskFull, OSError."""
    kind, path = what
    try:
        seen = os.fstat(fd)
        if not stat.S_ISREG(seen.st_mode):
            container.leave_out(f"{kind} {path.text}", "is no regular file", path)
            return
        if secrets.is_secret(seen):
            container.leave_out(f"{kind} {path.text}", REASON, path)
            return
        attributes = _describe(seen, _read_xattrs(fd), folder)
        kept = Kept()
        origin = ItemOrigin(kind=kind, source=f"the content of the {kind}", path=path, attributes=attributes)
        container.add(origin, secrets.guard(read_pieces(fd, kept)), kept)
    finally:
        os.close(fd)


def read_pieces(fd: int, kept: Kept, most: int = MOST_FILE, *, tail: int = 0) -> Iterator[bytes]:
    """The content of an open file: all of it, or where it has more than `most` bytes its first PART (its last `tail`
    bytes, if that is given). `kept` is told what was read and whether the file changed meanwhile. Raises OSError.
    """
    before = os.fstat(fd)
    left = before.st_size
    if left > most:
        kept.full_size, left = left, tail or PART
        kept.offset = before.st_size - tail if tail else 0
    at = kept.offset
    while left > 0 and (piece := os.pread(fd, min(PIECE, left), at)):
        yield piece
        at, left = at + len(piece), left - len(piece)
    after = os.fstat(fd)
    same = (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_size, after.st_mtime_ns, after.st_ctime_ns,
    )  # fmt: skip
    kept.changed = not same or left > 0


def measure_file(target: Target, path: FilePath, most: int = MOST_FILE) -> int:
    """About how many bytes `collect_file` would keep."""
    try:
        fd = target.open_file(find_below(path, target.info.root))
    except (OSError, Refused):
        return 0
    try:
        size = os.fstat(fd).st_size
        return size if size <= most else PART
    finally:
        os.close(fd)


def _describe(
    seen: os.stat_result, xattrs: tuple[tuple[str, bytes], ...] = (), folder: FolderTimes | None = None
) -> FileAttributes:
    return FileAttributes(
        mode=seen.st_mode, uid=seen.st_uid, gid=seen.st_gid, mtime_ns=seen.st_mtime_ns, ctime_ns=seen.st_ctime_ns,
        atime_ns=seen.st_atime_ns, device=seen.st_dev, inode=seen.st_ino, links=seen.st_nlink, xattrs=xattrs,
        folder=folder,
    )  # fmt: skip


def _read_xattrs(fd: int) -> tuple[tuple[str, bytes], ...]:
    found = []
    try:
        for name in sorted(os.listxattr(fd)):
            shown = os.fsencode(name).decode(errors="backslashreplace")
            found.append((shown, os.getxattr(fd, name)))
    except OSError:  # a file system that has none, or one that was removed meanwhile
        pass
    return tuple(found)


def _read_times(folder: int) -> FolderTimes:
    seen = os.fstat(folder)
    return FolderTimes(seen.st_mtime_ns, seen.st_ctime_ns, seen.st_atime_ns)


def _tell(error: OSError) -> str:
    if error.errno in _LINK_ON_THE_WAY:
        return "a link lies on the way to it"
    return "is not there any more" if error.errno == errno.ENOENT else error.strerror or str(error)
