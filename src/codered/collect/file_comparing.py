"""One file against what is on record for it: content, kind, and as far as they are on record mode, owner, link and
capabilities.
"""

import errno
import hashlib
import os
import stat
from datetime import UTC, datetime

from codered.collect.recorded_files import Recorded
from codered.collect.recorded_places import RecordedPlaces
from codered.collect.walking import Unwalked
from codered.model.known_good import Deviation, DeviationKind
from codered.model.paths import path_from_bytes
from codered.model.target import Target

MOST_BYTES = 4 << 30  # of one file: a hole of terabytes costs a worm nothing and us a day
BUFFER = 256 << 10  # fits the processor's cache: a fifth faster than 1 MiB (measured)
HEAD = 32  # bytes that tell a program from a picture
CHANGING = "it changed while it was compared"
TOO_LARGE = f"larger than {MOST_BYTES >> 30} GiB: not compared with its package"
NO_SUM = "its package has no checksum on record for it"
ODD_NAME = "not a plain path, though a package has it on record"
_CAPABILITY = "security.capability"
_KINDS = {stat.S_IFREG: "a file", stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link", stat.S_IFIFO: "a fifo",
          stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}  # fmt: skip


class FileComparer:
    """Compares files of one target and keeps what came of it."""

    def __init__(self, target: Target, places: RecordedPlaces) -> None:
        self._target = target
        self._places = places
        self._buffer = bytearray(BUFFER)
        self.deviations: list[Deviation] = []
        self.unread: list[Unwalked] = []
        self.files = 0
        self.bytes = 0

    def compare_folder(self, items: list[Recorded]) -> None:
        """Compare files that lie in one folder. No error of a single file ends it."""
        try:
            folder = self._places.open_folder(items[0].rel.rpartition(b"/")[0])
        except OSError as error:
            self.unread += [Unwalked(item.rel, "failed", error.strerror or str(error)) for item in items]
            return
        try:
            for item in items:
                try:
                    self._compare(folder, item)
                except OSError as error:
                    self.unread.append(Unwalked(item.rel, "failed", error.strerror or str(error)))
        finally:
            if folder is not None:
                os.close(folder)

    def _compare(self, folder: int | None, item: Recorded) -> None:
        name = item.rel.rpartition(b"/")[2]
        if name in (b"", b".", b"..") or b"\0" in name:
            self.unread.append(Unwalked(item.rel, "failed", ODD_NAME))
        elif folder is None:
            self._miss(item)
        elif item.digest and not item.config:
            self._compare_file(folder, name, item)
        else:
            self._compare_name(folder, name, item)

    def _compare_file(self, folder: int, name: bytes, item: Recorded) -> None:
        try:
            descriptor = self._target.open_at(folder, name)
        except FileNotFoundError:
            self._miss(item)
            return
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.ENXIO):
                raise
            self._compare_name(folder, name, item)
            return
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                self._tell("type", item, status, ("a file", _name_kind(status)))
                return
            self._compare_content(descriptor, item, status)
            self._compare_attributes(item, status, _read_capabilities(descriptor) if item.capabilities >= 0 else -1)
        finally:
            os.close(descriptor)

    def _compare_content(self, descriptor: int, item: Recorded, status: os.stat_result) -> None:
        if status.st_size > MOST_BYTES:
            self.unread.append(Unwalked(item.rel, "failed", TOO_LARGE))
            return
        digest = hashlib.new(item.algorithm, usedforsecurity=False)
        self._hash(descriptor, status.st_size, digest)
        self.files += 1
        if digest.hexdigest() != item.digest:
            self._tell_content(descriptor, item)

    def _tell_content(self, descriptor: int, item: Recorded) -> None:
        """Read it once more, for the hash that leaves the machine; only a file that stands still is told of."""
        before = os.fstat(descriptor)
        head = os.pread(descriptor, HEAD, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        digest, sha256 = hashlib.new(item.algorithm, usedforsecurity=False), hashlib.sha256()
        self._hash(descriptor, min(before.st_size, MOST_BYTES), digest, sha256)
        after = os.fstat(descriptor)
        same = (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (
            after.st_size, after.st_mtime_ns, after.st_ctime_ns)  # fmt: skip
        if not same:
            self.unread.append(Unwalked(item.rel, "failed", CHANGING))
        elif digest.hexdigest() != item.digest:
            called = item.algorithm.upper()
            words = (f"{called} {item.digest}", f"{called} {digest.hexdigest()}")
            self._tell("content", item, after, words, sha256.hexdigest(), head)

    def _hash(self, descriptor: int, size: int, *digests: "hashlib._Hash") -> None:
        """As many bytes as the file had when it was opened: one that grows for ever must end too."""
        buffer, view = self._buffer, memoryview(self._buffer)
        left = size
        while left > 0 and (got := os.readv(descriptor, [buffer])):
            part = view[: min(got, left)]
            for digest in digests:
                digest.update(part)
            left -= got
            self.bytes += got

    def _compare_name(self, folder: int, name: bytes, item: Recorded) -> None:
        """What is no file on record, or is none now."""
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            self._miss(item)
            return
        if item.config:
            self._compare_attributes(item, status)
            return
        wanted = stat.S_IFMT(item.mode) if item.mode >= 0 else (stat.S_IFREG if item.digest else 0)
        if wanted and wanted != stat.S_IFMT(status.st_mode):
            self._tell("type", item, status, (_KINDS.get(wanted, "?"), _name_kind(status)))
        elif not wanted and stat.S_ISREG(status.st_mode):
            self.unread.append(Unwalked(item.rel, "failed", NO_SUM))
        elif wanted:
            self._compare_attributes(item, status)
        if item.link and stat.S_ISLNK(status.st_mode):
            leads = os.readlink(name, dir_fd=folder)
            if leads != item.link:
                self._tell("link", item, status, (_show(item.link), _show(leads)))

    def _compare_attributes(self, item: Recorded, status: os.stat_result, capabilities: int = -1) -> None:
        is_link = stat.S_ISLNK(status.st_mode)
        actual = stat.S_IMODE(status.st_mode)
        if item.mode >= 0 and not is_link and actual != stat.S_IMODE(item.mode):
            self._tell("mode", item, status, (f"{stat.S_IMODE(item.mode):04o}", f"{actual:04o}"))
        if (item.uid >= 0 and item.uid != status.st_uid) or (item.gid >= 0 and item.gid != status.st_gid):
            self._tell("owner", item, status, (f"{item.uid}:{item.gid}", f"{status.st_uid}:{status.st_gid}"))
        if capabilities >= 0 and capabilities != item.capabilities:
            self._tell("capabilities", item, status, (f"{item.capabilities:#x}", f"{capabilities:#x}"))

    def _miss(self, item: Recorded) -> None:
        if not item.config and not item.may_miss:
            words = (f"{item.algorithm.upper()} {item.digest}" if item.digest else "on record", "missing")
            self._tell("missing", item, None, words)

    def _tell(
        self, kind: DeviationKind, item: Recorded, status: os.stat_result | None, words: tuple[str, str],
        *content: str | bytes,
    ) -> None:  # fmt: skip
        sha256, head = content or ("", b"")
        self.deviations.append(
            Deviation(
                kind=kind, truth="package-database", path=path_from_bytes(self._target.absolute(item.rel)),
                shown=self._target.shown(item.rel), expected=words[0], actual=words[1], sha256=str(sha256),
                size=status.st_size if status else 0, package=_show(os.fsencode(item.package)),
                text=bytes(head) if isinstance(head, bytes) else b"", changed=_read_time(status),
            )
        )  # fmt: skip


def _name_kind(status: os.stat_result) -> str:
    return _KINDS.get(stat.S_IFMT(status.st_mode), "something else")


def _read_time(status: os.stat_result | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(status.st_ctime, UTC) if status else None
    except (OverflowError, OSError, ValueError):
        return None


def _read_capabilities(descriptor: int) -> int:
    """The mask of the permitted capabilities of an open file; 0 if it has none."""
    try:
        data = os.getxattr(descriptor, _CAPABILITY)
    except OSError:
        return 0
    return int.from_bytes(data[4:8], "little") | int.from_bytes(data[12:16], "little") << 32


def _show(data: bytes) -> str:
    return data.decode(errors="backslashreplace")
