"""Keeping on disk what was found clean: written whole or not at all, and believed only with our own seal on it."""

import contextlib
import hmac
import os
import secrets
import stat
import tempfile
import time
from pathlib import Path

from codered.system.descriptors import READ_FILE
from codered.system.private_files import is_ours, is_ours_alone, make_private_file, make_private_folder

KEY_BYTES = 32
KEPT = 4  # caches, one for each set of rules and each target; the newest stay
_MAGIC = b"codered seen 1\n"
_SEAL_BYTES = 32
_MOST_BYTES = 1 << 30
_ENDING = ".seen"
_PART = ".part-"
_PART_AGE = 24 * 3600  # seconds after which nobody writes to a part any more


class Doubt(Exception):
    """Why a cache is not used, in words for the report."""


class SeenStore:
    """The caches in `folder`, sealed with the key in the file `key_file`. Raises Doubt if the key can't be had."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        self._folder = folder
        self._key = _load_or_make_key(key_file)

    def read(self, name: str) -> bytes | None:
        """What was kept under this name; None if nothing was. Raises Doubt if anything about it is in doubt."""
        try:
            data = _read_own(self._folder / (name + _ENDING), _MOST_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Doubt(f"the cache can't be used ({error.strerror or error})") from None
        start = len(_MAGIC) + _SEAL_BYTES
        payload = memoryview(data)[start:]
        if not hmac.compare_digest(data[:start], _MAGIC + self._seal(name, payload)):
            raise Doubt("the cache was damaged, or kept by a scan with another state folder")
        return bytes(payload)

    def write(self, name: str, payload: bytes) -> None:
        """Keep this under the name; older caches go. Raises Doubt if that can't be done."""
        if len(_MAGIC) + _SEAL_BYTES + len(payload) > _MOST_BYTES:
            raise Doubt("what was found clean is too much to be kept")
        try:
            make_private_folder(self._folder)
            _check_folder(self._folder)
            descriptor, part = tempfile.mkstemp(dir=self._folder, prefix=_PART)
            try:
                with open(descriptor, "wb") as file:
                    make_private_file(Path(part))
                    file.write(_MAGIC + self._seal(name, payload))
                    file.write(payload)
                os.replace(part, self._folder / (name + _ENDING))
            except BaseException:
                Path(part).unlink(missing_ok=True)
                raise
            self._prune()
        except OSError as error:
            raise Doubt(f"what was found clean can't be kept ({error.strerror or error})") from None

    def _seal(self, name: str, payload: bytes | memoryview) -> bytes:
        seal = hmac.new(self._key, name.encode() + b"\0", "sha256")
        seal.update(payload)
        return seal.digest()

    def _prune(self) -> None:
        caches, oldest_part = [], time.time() - _PART_AGE
        for path in self._folder.iterdir():
            written = path.stat(follow_symlinks=False).st_mtime
            if path.name.endswith(_ENDING):
                caches.append((written, path))
            elif path.name.startswith(_PART) and written < oldest_part:
                path.unlink(missing_ok=True)
        for _, path in sorted(caches)[:-KEPT]:
            path.unlink(missing_ok=True)


def _load_or_make_key(path: Path) -> bytes:
    """The secret in this file; a new one where there is none, or one that others know or changed."""
    try:
        try:
            key = _read_own(path, KEY_BYTES)
        except FileNotFoundError:
            return _make_key(path)
        if len(key) == KEY_BYTES:
            return key
    except OSError as error:
        raise Doubt(f"the key of the cache can't be had ({error.strerror or error})") from None
    raise Doubt(f"the key of the cache is damaged (remove {str(path)!a})")


def _make_key(path: Path) -> bytes:
    """Two scans at once: the first file that gets the name stays, and both read that one."""
    make_private_folder(path.parent)
    _check_folder(path.parent)
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=_PART)
    try:
        with open(descriptor, "wb") as file:
            make_private_file(Path(part))
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        os.unlink(part)
    return _read_own(path, KEY_BYTES)


def _read_own(path: Path, most: int) -> bytes:
    """The bytes of a file that is ours alone, in a folder that only we or root can write to. Raises OSError."""
    _check_folder(path.parent)
    descriptor = os.open(path, READ_FILE)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not is_ours_alone(status, descriptor):
            raise PermissionError(f"{path.name} is not ours alone")
        if status.st_size > most:
            raise PermissionError(f"{path.name} is larger than we write it")
        return file.read(most)


def _check_folder(path: Path) -> None:
    status = path.stat(follow_symlinks=False)
    if not stat.S_ISDIR(status.st_mode) or not is_ours(status, path):
        raise PermissionError("others may write to its folder")
