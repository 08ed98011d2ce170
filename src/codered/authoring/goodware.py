"""The goodware index: which strings the files of installed packages hold. Built once, kept in the cache.

A file of sorted six-byte hashes: two choose the bucket, four are kept in it. Nothing in it can be read back as text, so
that a scan never finds in it what it knows; a wrong "known" comes about once in 2^48 / (strings in it).
"""

import os
import re
import stat
import tempfile
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from blake3 import blake3

from codered.authoring.runs import LEAST, list_goodware
from codered.authoring.words import load_words
from codered.collect.autostart.reading import Reader
from codered.collect.dpkg_files import DpkgFiles
from codered.collect.recorded_files import WHOLE
from codered.collect.rpm_records import RpmFiles
from codered.model.target import Target
from codered.system.descriptors import READ_FILE
from codered.system.private_files import is_ours, make_private_folder

FORMAT = b"codered goodware 2\n"
BUCKETS = 1 << 16
MOST_SECONDS = 30.0  # of building
MOST_BYTES = 384 << 20  # of files that are read
MOST_OF_ONE = 2 << 20  # bytes of one file
MOST_STRINGS = 12_000_000
_MOST_FILE = 128 << 20
_HEAD = len(FORMAT) + 32 + 16  # mark, BLAKE3 of the rest, files and bytes read
_STEP = 7919  # files are taken in leaps through the list, so that a short time still sees every kind of package

Tell = Callable[[str], None]


class Nothing:
    """No index: nothing is known to be harmless."""

    def knows(self, _text: bytes) -> bool:
        """Never."""
        return False

    def describe(self) -> str:
        """That there is none."""
        return "no goodware index was used: only the clean files given were held against the strings"


class Index:
    """What the installed packages hold. `files` and `read` (bytes) say what it was made of."""

    def __init__(self, body: bytes, files: int, read: int) -> None:
        self._offsets = array("I", body[: 4 * (BUCKETS + 1)])
        self._rests = array("I", body[4 * (BUCKETS + 1) :])
        self.files = files
        self.read = read

    def __len__(self) -> int:
        return len(self._rests)

    def knows(self, text: bytes) -> bool:
        """Whether the text is a string, a piece or a word of an installed file."""
        bucket, rest = divmod(_hash(text), 1 << 32)
        end = self._offsets[bucket + 1]
        at = bisect_left(self._rests, rest, self._offsets[bucket], end)
        return at < end and self._rests[at] == rest

    def describe(self) -> str:
        """Its size in words."""
        return f"{len(self):,} strings of {self.files:,} files ({self.read >> 20:,} MiB) of installed packages"


def open_index(cache: Path, target: Target, tell: Tell, seconds: float = MOST_SECONDS) -> Index:
    """The index of this target's packages: as the folder `cache` keeps it, or built in at most about `seconds` and kept
    there. A kept one that is damaged or that others could have written is passed over.
    """
    kept = read_index(cache)
    if kept is not None:
        return kept
    tell(f"building the goodware index from the installed packages, once, at most {seconds:.0f} s")
    packages = PackageFiles(target)
    index, data = build_index(packages.read(), seconds, packages.name_digests())
    _keep(cache, data)
    tell(f"goodware: {index.describe()}")
    return index


def build_index(
    contents: Iterator[bytes], seconds: float = MOST_SECONDS, more: Iterable[bytes] = ()
) -> tuple[Index, bytes]:
    """An index of these contents and its file, until the time, the bytes or the room are used up; it knows `more`."""
    end = time.monotonic() + seconds
    parts = [array("Q") for _ in range(256)]
    for text in more:
        hashed = _hash(text)
        parts[hashed >> 40].append(hashed)
    files = read = strings = 0
    for data in contents:
        files, read = files + 1, read + len(data)
        for text in list_goodware(data):
            hashed = _hash(text)
            parts[hashed >> 40].append(hashed)
            strings += 1
        if time.monotonic() > end or read > MOST_BYTES or strings > MOST_STRINGS:
            break
    body = _pack(parts)
    head = files.to_bytes(8, "little") + read.to_bytes(8, "little")
    return Index(body, files, read), FORMAT + blake3(head + body).digest() + head + body


def read_index(cache: Path) -> Index | None:
    """The index kept in the folder; None if there is none that can be trusted."""
    try:
        if not _is_trusted(cache.stat(follow_symlinks=False), cache):
            return None
        descriptor = os.open(cache / "goodware.bin", READ_FILE)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not (stat.S_ISREG(status.st_mode) and _is_trusted(status, descriptor) and status.st_size <= _MOST_FILE):
                return None
            data = file.read(_MOST_FILE)
    except OSError:
        return None
    sealed = data[len(FORMAT) + 32 :]
    if len(data) < _HEAD + 4 * (BUCKETS + 1) or data[: len(FORMAT) + 32] != FORMAT + blake3(sealed).digest():
        return None
    return Index(sealed[16:], int.from_bytes(sealed[:8], "little"), int.from_bytes(sealed[8:16], "little"))


class PackageFiles:
    """The files of installed packages, by the records of dpkg or rpm."""

    def __init__(self, target: Target) -> None:
        self._target = target
        reader = Reader(target)
        found = [item for item in DpkgFiles(reader, WHOLE).read() if item.digest]
        self._files = found or [item for item in RpmFiles(reader, WHOLE).read() if item.digest]

    def name_digests(self) -> Iterator[bytes]:
        """What the index knows each whole file by, read or not."""
        return (name_file(item.algorithm, item.digest) for item in self._files)

    def read(self) -> Iterator[bytes]:
        """The first bytes of each file: programs, libraries and scripts come first."""
        is_program = re.compile(load_words().programs.encode()).search
        names = [item.rel for item in self._files]
        first, rest = [name for name in names if is_program(name)], [name for name in names if not is_program(name)]
        for name in (*_leap(first), *_leap(rest)):
            data = self._read_first(name)
            if len(data) > LEAST and data[:2] != b"\x1f\x8b":  # packed documentation holds no string
                yield data

    def _read_first(self, name: bytes) -> bytes:
        try:
            with open(self._target.open_file(name), "rb") as file:
                return file.read(MOST_OF_ONE)
        except (OSError, ValueError):
            return b""


def name_file(algorithm: str, digest: str) -> bytes:
    """What the index knows a whole file by."""
    return f"file {algorithm} {digest}".encode()


def _leap(names: list[bytes]) -> Iterator[bytes]:
    step = _STEP if len(names) % _STEP else 1
    return (names[number * step % len(names)] for number in range(len(names)))


def _hash(text: bytes) -> int:
    return int.from_bytes(blake3(text).digest(6))


def _pack(parts: list["array[int]"]) -> bytes:
    """Where each bucket begins, and the sorted rests, each once."""
    offsets, rests = array("I", [0]), array("I")
    for number, part in enumerate(parts):
        ordered = sorted(set(part))
        at = 0
        for bucket in range(number << 8, (number + 1) << 8):
            end = bisect_left(ordered, (bucket + 1) << 32, at)
            rests.extend(array("I", [value & 0xFFFFFFFF for value in ordered[at:end]]))
            offsets.append(len(rests))
            at = end
    return offsets.tobytes() + rests.tobytes()


def _keep(cache: Path, data: bytes) -> None:
    """Whole or not at all; a folder that can't be written is no error: it is built again next time."""
    name = ""
    try:
        make_private_folder(cache)
        if not _is_trusted(cache.stat(follow_symlinks=False), cache):
            return
        descriptor, name = tempfile.mkstemp(dir=cache, prefix=".goodware-")
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, cache / "goodware.bin")
    except OSError:
        if name and os.path.exists(name):
            os.unlink(name)


def _is_trusted(status: os.stat_result, place: Path | int) -> bool:
    return is_ours(status, place) and not stat.S_ISLNK(status.st_mode)
