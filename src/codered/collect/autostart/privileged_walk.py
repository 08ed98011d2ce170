"""The walk that finds SUID and SGID files and files with capabilities: names and modes only, nothing is opened but
folders, and only on file systems that lie on this machine.
"""

import os
import stat
import time
from collections.abc import Iterator

import msgspec

from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.places import resolve_folders
from codered.collect.autostart.reading import Reader, join
from codered.collect.mounts import read_mounts
from codered.collect.walking import Unwalked
from codered.system.descriptors import DIRECTORY, NO_FOLLOW, NOT_INHERITED

MOST_NAMES = 3_000_000
MOST_SECONDS = 60  # a host with much other work on it must not read as one that was not looked at
MOST_DEPTH = 100
MOST_FOUND = 20_000
_FOLDER = os.O_RDONLY | DIRECTORY | NO_FOLLOW | NOT_INHERITED
_SPECIAL = stat.S_ISUID | stat.S_ISGID
_CAPABILITY = "security.capability"
_ELSEWHERE = "a system of its own (containers, snaps): scan it with --root"
_NOT_LOCAL = "not a file system of this machine"
_SYSTEM_MARKS = (b"etc/os-release", b"usr/lib/os-release")


class Privileged(msgspec.Struct, frozen=True):
    """A file with the SUID or SGID bit or with capabilities (a bit mask of those it may have). `inner` is its path
    within another system's tree that lies here (b"" = it lies in none).
    """

    rel: bytes
    mode: int
    uid: int
    gid: int
    ctime: float
    capabilities: int = 0
    inner: bytes = b""


def walk_privileged(reader: Reader) -> Iterator[Privileged]:
    """All of them below the usual places. What is left out is remembered."""
    return _Walk(reader).find()


class _Walk:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._mounts = read_mounts()
        self._local = frozenset(name.decode() for name in known_names("local-file-systems"))
        self._skipped = set(known_names("foreign-system-folders"))
        for home in list_homes(reader):
            self._skipped.update(join(home.rel, name) for name in known_names("foreign-system-home-folders"))
        self._seen: set[tuple[int, int]] = set()
        self._names = 0
        self._ends = time.monotonic() + MOST_SECONDS

    def find(self) -> Iterator[Privileged]:
        count = 0
        for start in resolve_folders(self._reader, known_names("privileged-starts")):
            try:
                folder = self._reader.target.open_dir(start)
            except OSError:  # a file, or a link that ends nowhere
                continue
            for found in self._walk(folder, start):
                count += 1
                if count > MOST_FOUND:
                    self._reader.miss(start, f"more than {MOST_FOUND} privileged files: the rest was left out")
                    return
                yield found
            if self._is_over():
                self._reader.miss(start, f"the search for SUID files ended here after {self._names} names")
                return

    def _is_over(self) -> bool:
        return self._names > MOST_NAMES or time.monotonic() > self._ends

    def _walk(self, folder: int, rel: bytes, depth: int = 0, system: int = 0) -> Iterator[Privileged]:
        """Closes `folder`. `system` is the length of the path of the innermost system's tree that holds it."""
        try:
            status = os.fstat(folder)
            if (status.st_dev, status.st_ino) in self._seen or not self._is_ours(rel):
                return
            self._seen.add((status.st_dev, status.st_ino))
            inner: list[bytes] = []
            yield from self._list(folder, rel, system, inner)
            if b"usr" in inner and depth:
                system = self._find_system(rel) or system
            for name in inner:
                if self._is_over():
                    return
                if depth == MOST_DEPTH:
                    self._reader.miss(rel, f"more than {MOST_DEPTH} folders deep")
                    return
                try:
                    below = os.open(name, _FOLDER, dir_fd=folder)
                except FileNotFoundError:  # gone
                    continue
                except OSError as error:
                    self._reader.miss(join(rel, name), error.strerror or str(error))
                    continue
                yield from self._walk(below, join(rel, name), depth + 1, system)
        except OSError as error:
            self._reader.miss(rel, error.strerror or str(error))
        finally:
            os.close(folder)

    def _is_ours(self, rel: bytes) -> bool:
        kind = self._mounts.get(self._reader.target.absolute(rel))
        if rel in self._skipped:
            self._reader.unread.append(Unwalked(rel, "skipped", _ELSEWHERE))
            return False
        if kind is not None and kind not in self._local:
            self._reader.unread.append(Unwalked(rel, "skipped", f"{_NOT_LOCAL} ({kind})"))
            return False
        return True

    def _list(self, folder: int, rel: bytes, system: int, inner: list[bytes]) -> Iterator[Privileged]:
        with os.scandir(folder) as entries:
            for entry in entries:
                self._names += 1
                if entry.is_dir(follow_symlinks=False):
                    inner.append(os.fsencode(entry.name))
                elif entry.is_file(follow_symlinks=False):
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except OSError:  # gone
                        continue
                    mode = status.st_mode
                    if not mode & 0o111:
                        continue
                    capabilities = _read_capabilities(folder, entry.name)
                    if mode & _SPECIAL or capabilities:
                        place = join(rel, os.fsencode(entry.name))
                        yield Privileged(
                            place, stat.S_IMODE(mode), status.st_uid, status.st_gid, status.st_ctime, capabilities,
                            place[system:].lstrip(b"/") if system else b"",
                        )  # fmt: skip

    def _find_system(self, rel: bytes) -> int:
        """The length of the path if another system's tree lies here."""
        return len(rel) if any(self._reader.stat(join(rel, mark)) is not None for mark in _SYSTEM_MARKS) else 0


def _read_capabilities(folder: int, name: str) -> int:
    """The capabilities that a file may have, as a bit mask; 0 if it has none."""
    try:
        value = os.getxattr(f"/proc/self/fd/{folder}/{name}", _CAPABILITY, follow_symlinks=False)
    except OSError:  # there is none, or this file system has no such thing
        return 0
    return parse_capabilities(value)


def parse_capabilities(value: bytes) -> int:
    """The permitted set of an attribute security.capability (revisions 1 to 3); 0 if it makes no sense."""
    if len(value) not in (12, 20, 24):
        return 0
    low = int.from_bytes(value[4:8], "little")
    return low | (int.from_bytes(value[12:16], "little") << 32 if len(value) >= 20 else 0)
