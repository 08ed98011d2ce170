"""The contents of known-good files, kept for restoring: by their SHA-256, packed, and with every byte turned over, so
that our own scan does not take a kept web shell for one that is served.
"""

import contextlib
import hashlib
import os
import re
import stat
from pathlib import Path

from codered.known_good.packing import pack, unpack
from codered.known_good.whole_files import write_whole
from codered.model.errors import Refused, WrongUse

CONTENTS_FORMAT = b"codered/contents/1 every byte inverted\n"
MOST_BYTES = 1 << 20  # of one content
_TURNED = bytes(255 - value for value in range(256))
_NAME = re.compile(r"[0-9a-f]{64}")


class ContentStore:
    """A folder of contents. `most` bytes (unpacked) are taken at most by this store object."""

    def __init__(self, folder: Path, most: int = 512 << 20) -> None:
        self._folder = folder
        self._left = most

    def put(self, content: bytes) -> str:
        """Keep a content once; its SHA-256 in hexadecimal. Raises WrongUse if it can't be written, or is too large."""
        if len(content) > MOST_BYTES:
            raise WrongUse(f"more than {MOST_BYTES:,} bytes", where="contents for restoring", advice="keep it apart")
        name = hashlib.sha256(content).hexdigest()
        path = self._path(name)
        if not path.exists():
            # Its hash is checked when it is read: thousands of waits for the disk would buy nothing.
            write_whole(path, CONTENTS_FORMAT + pack(content).translate(_TURNED), sync=False)
        self._left -= len(content)
        return name

    def has_room(self, size: int) -> bool:
        """Whether a content of this size is still taken."""
        return size <= MOST_BYTES and size <= self._left

    def holds(self, sha256: str) -> bool:
        """Whether there is a content of this hash; it is not checked."""
        return bool(_NAME.fullmatch(sha256)) and self._path(sha256).is_file()

    def extract(self, sha256: str, into: Path) -> None:
        """Write the content of this hash to a new file, for its owner only. Raises WrongUse if it is not kept or the
        file can't be written, Refused if it is damaged.
        """
        content = self.read(sha256)
        try:
            descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise WrongUse(f"can't be written: {error.strerror}", where=str(into), advice="name a new file") from None
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(into)
            raise WrongUse(f"can't be written: {error.strerror}", where=str(into), advice="make room") from None

    def read(self, sha256: str) -> bytes:
        """The content of this hash. Raises WrongUse if it is not kept, Refused if it is damaged."""
        if not _NAME.fullmatch(sha256):
            raise WrongUse("is no SHA-256", where=ascii(sha256[:80]), advice="give 64 hexadecimal digits")
        path = self._path(sha256)
        damaged = Refused("a kept content is damaged", where=str(path), advice="restore from the package, or a folder")
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise damaged
                raw = file.read(2 * MOST_BYTES)
        except OSError as error:
            raise WrongUse(
                f"is not kept: {error.strerror}", where=str(path), advice="restore it from elsewhere"
            ) from None
        packed = raw[len(CONTENTS_FORMAT) :].translate(_TURNED)
        try:
            content = unpack(packed, MOST_BYTES)
        except ValueError:
            raise damaged from None
        if not raw.startswith(CONTENTS_FORMAT) or hashlib.sha256(content).hexdigest() != sha256:
            raise damaged
        return content

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256
