"""Files that were taken from a verified source, kept to restore from: by their SHA-256, in a folder of the tool's own,
for its owner only. They are known good, so they are kept as they are.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from codered.model.errors import WrongUse
from codered.sources.folders import PIECE


class Kept(NamedTuple):
    """A file in the folder."""

    path: Path
    sha256: str
    size: int


class KeptFiles:
    """The folder, made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, fill: Callable[[int], None]) -> Kept:
        """A new file that `fill` writes, complete before it has its name. Raises WrongUse, OSError, and what `fill`
        raises.
        """
        self._make()
        fd, part = tempfile.mkstemp(prefix=".part-", dir=self._folder)  # 0600
        try:
            fill(fd)
            os.fsync(fd)
            digest, size = hash_file(fd)
            path = self._folder / digest
            os.replace(part, path)  # one of the same name is the same, or damaged
        except BaseException:
            os.unlink(part)
            raise
        finally:
            os.close(fd)
        return Kept(path, digest, size)

    def scratch(self) -> BinaryIO:
        """A file without a name, gone when it is closed. Raises WrongUse, OSError."""
        self._make()
        return tempfile.TemporaryFile(dir=self._folder)

    def scratch_folder(self) -> "tempfile.TemporaryDirectory[str]":
        """A folder that is gone when its `with` ends. Raises WrongUse, OSError."""
        self._make()
        return tempfile.TemporaryDirectory(prefix=".work-", dir=self._folder)

    def _make(self) -> None:
        try:
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            what, advice = f"can't be made: {error.strerror}", "set CODERED_STATE to a folder that you can write to"
            raise WrongUse(what, where=str(self._folder), advice=advice) from None


def hash_file(fd: int) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size in bytes of all of a file. Raises OSError."""
    digest, offset = hashlib.sha256(), 0
    while piece := os.pread(fd, PIECE, offset):
        digest.update(piece)
        offset += len(piece)
    return digest.hexdigest(), offset


def copy_hashed(fd: int, into: BinaryIO, most: int) -> str:
    """Copy a file of at most so many bytes; the SHA-256 of what was copied ("" = there is more). Raises OSError."""
    digest, offset = hashlib.sha256(), 0
    into.seek(0)
    while piece := os.pread(fd, PIECE, offset):
        offset += len(piece)
        if offset > most:
            return ""
        digest.update(piece)
        into.write(piece)
    into.flush()
    return digest.hexdigest()
