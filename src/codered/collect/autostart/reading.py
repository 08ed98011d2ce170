"""Small files, folders and links of a target, read for what they start. All of it is hostile: nothing is followed out
of the root, sizes and numbers are capped, and what can't be read is said.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from codered.collect.walking import Unwalked
from codered.model.paths import FilePath, path_from_bytes
from codered.model.target import CopyingTarget, Target

MOST_BYTES = 1 << 20  # of a file that is read as configuration
MOST_ENTRIES = 20_000  # in one folder
NUL = b"\0"  # in no name of a file; Python refuses to ask for one, and hostile lines name such paths


class SmallFile(msgspec.Struct, frozen=True):
    """A regular file as read: its path below the root, content (at most MOST_BYTES), whether there was more, SHA-256 of
    all of it ("" if there was more), and its attributes.
    """

    rel: bytes
    data: bytes
    cut: bool
    sha256: str
    size: int
    mode: int
    uid: int
    changed: datetime

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Its lines, numbered from 1, without their ends."""
        yield from enumerate(self.data.split(b"\n"), 1)


class Entry(msgspec.Struct, frozen=True):
    """A name in a folder: its path below the root and what it is."""

    rel: bytes
    name: bytes
    is_file: bool
    is_folder: bool
    is_link: bool


class Reader:
    """Reads from one target and remembers what it could not read (`unread`), to be told as looks."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._copying = target if isinstance(target, CopyingTarget) else None
        self.unread: list[Unwalked] = []
        self.files = 0
        self.bytes = 0

    def read(self, rel: bytes) -> SmallFile | None:
        """The file; None if there is none, or if it can't be read (which is remembered). A link is not followed."""
        file = self.read_start(rel, MOST_BYTES)
        if file is not None and file.cut:
            self.miss(rel, f"larger than {MOST_BYTES >> 20} MiB: only its start was read")
        return file

    def read_start(self, rel: bytes, most: int) -> SmallFile | None:
        """As `read`, but only the first `most` bytes; that there is more is no gap."""
        if NUL in rel:
            return None
        try:
            descriptor = self.target.open_file(rel)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if not self._is_link(rel):
                self._miss(rel, error)
            return None
        try:
            status = os.fstat(descriptor)
            changed = self._copying.written(rel) if self._copying else status.st_ctime
            data = _read_up_to(descriptor, most + 1)
        except OSError as error:
            self._miss(rel, error)
            return None
        finally:
            os.close(descriptor)
        cut = len(data) > most
        self.files += 1
        self.bytes += len(data)
        return SmallFile(
            rel, data[:most], cut, "" if cut else hashlib.sha256(data).hexdigest(), status.st_size,
            stat.S_IMODE(status.st_mode), status.st_uid, as_time(changed),
        )  # fmt: skip

    def miss(self, rel: bytes, why: str) -> None:
        """Remember that something of this could not be read, and why."""
        self.unread.append(Unwalked(rel, "failed", why))

    def list(self, rel: bytes) -> list[Entry]:
        """What lies in a folder, by name; empty if there is no such folder. What can't be listed is remembered."""
        if NUL in rel:
            return []
        try:
            directory = self.target.open_dir(rel)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            if not self._is_link(rel):
                self._miss(rel, error)
            return []
        found: list[Entry] = []
        try:
            with os.scandir(directory) as entries:
                for item in entries:
                    if len(found) == MOST_ENTRIES:
                        self.unread.append(Unwalked(rel, "failed", f"more than {MOST_ENTRIES} names in it"))
                        break
                    name = os.fsencode(item.name)
                    found.append(
                        Entry(join(rel, name), name, item.is_file(follow_symlinks=False),
                              item.is_dir(follow_symlinks=False), item.is_symlink())
                    )  # fmt: skip
        except OSError as error:
            self._miss(rel, error)
        finally:
            os.close(directory)
        return sorted(found, key=lambda entry: entry.name)

    def read_all(self, folder: bytes, ending: bytes = b"") -> Iterator[SmallFile]:
        """The regular files right in a folder whose names end so."""
        for entry in self.list(folder):
            if entry.is_file and entry.name.endswith(ending):
                file = self.read(entry.rel)
                if file is not None:
                    yield file

    def read_link(self, rel: bytes) -> bytes | None:
        """Where a symbolic link leads, as written; None if it is none."""
        if NUL in rel:
            return None
        parent, _, name = rel.rpartition(b"/")
        try:
            directory = self.target.open_dir(parent)
        except OSError:
            return None
        try:
            return os.readlink(name, dir_fd=directory)
        except OSError:
            return None
        finally:
            os.close(directory)

    def stat(self, rel: bytes) -> os.stat_result | None:
        """What is at this place, a link itself and not what it leads to; None if nothing is."""
        if NUL in rel:
            return None
        parent, _, name = rel.rpartition(b"/")
        try:
            directory = self.target.open_dir(parent)
        except OSError:
            return None
        try:
            return os.stat(name or b".", dir_fd=directory, follow_symlinks=False)
        except OSError:
            return None
        finally:
            os.close(directory)

    def path(self, rel: bytes) -> FilePath:
        """The path on the machine that runs the tool."""
        return path_from_bytes(self.target.absolute(rel))

    def _is_link(self, rel: bytes) -> bool:
        status = self.stat(rel)
        return status is not None and stat.S_ISLNK(status.st_mode)

    def _miss(self, rel: bytes, error: OSError) -> None:
        self.miss(rel, error.strerror or str(error))


def join(folder: bytes, name: bytes) -> bytes:
    """A path below the root."""
    return folder + b"/" + name if folder else name


def as_text(data: bytes, most: int = 4096) -> str:
    """Hostile bytes as text that loses nothing: what is not UTF-8 as \\xNN, cut at `most` bytes."""
    return data[:most].decode(errors="backslashreplace")


def as_time(seconds: float) -> datetime:
    """A time of a file, which a hostile volume may set to anything."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def _read_up_to(descriptor: int, most: int) -> bytes:
    data = b""
    while len(data) < most and (piece := os.read(descriptor, most - len(data))):
        data += piece
    return data
