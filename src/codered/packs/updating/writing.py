"""Files that are there whole or not at all, on the disk when the function returns."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codered.model.errors import Refused, WrongUse
from codered.system.descriptors import NOT_INHERITED, RAW
from codered.system.folders import sync_folder
from codered.system.locks import lock_whole

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOT_INHERITED | RAW
_LOCK = os.O_RDWR | os.O_CREAT | NOT_INHERITED | getattr(os, "O_NOFOLLOW", 0)


def write_synced(path: Path, data: bytes, mode: int = 0o600) -> None:
    """A new file. Raises OSError."""
    with open(os.open(path, _NEW, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes, mode: int = 0o600) -> None:
    """A file in the place of the one before: who reads sees the old or the new. Raises OSError: it is the old one."""
    temporary = path.with_name(f".{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)  # of one that was killed: the lock is ours
    try:
        write_synced(temporary, data, mode)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_folder(os.fsencode(path.parent))


@contextmanager
def hold_lock(path: Path, what: str) -> Iterator[None]:
    """One at a time. Raises Refused if another is at it, WrongUse if there can't be a lock."""
    try:
        descriptor = os.open(path, _LOCK, 0o600)
    except OSError as error:
        advice = "run it as somebody who may write there"
        raise WrongUse(f"can't be written: {error.strerror}", where=str(path), advice=advice) from None
    try:
        try:
            lock_whole(descriptor)
        except OSError:
            raise Refused(f"another {what} is under way", where=str(path), advice="wait for its end") from None
        yield
    finally:
        os.close(descriptor)
