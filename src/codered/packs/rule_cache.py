"""Compiled rules on disk. A cache can only save time: whoever doubts a file of it compiles again, and says nothing."""

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

import msgspec

from codered.model.ruleset import CompiledRules
from codered.system.descriptors import READ_FILE
from codered.system.private_files import is_ours, make_private_folder

CACHE_FORMAT = 6
_MAGIC = b"codered rules 1\n"
_HASH_BYTES = 32
# Kept with every bit turned over: compiled rules hold the very strings they look for, and must not be found by them.
_TURNED = bytes(255 - byte for byte in range(256))
_MOST_BYTES = 256 << 20
KEPT = 4  # sets of rules; those last used stay


def read_compiled(folder: Path, digest: str) -> CompiledRules | None:
    """The rules kept under this digest; None when there are none or anything about the file is in doubt."""
    try:
        data = _read_trusted(_file_of(folder, digest))
    except OSError:
        return None
    head, payload = data[: len(_MAGIC) + _HASH_BYTES], data[len(_MAGIC) + _HASH_BYTES :]
    if head != _MAGIC + hashlib.sha256(payload).digest():
        return None
    try:
        rules = msgspec.msgpack.decode(payload.translate(_TURNED), type=CompiledRules)
    except msgspec.MsgspecError:
        return None
    if rules.digest != digest:
        return None
    with contextlib.suppress(OSError):
        os.utime(_file_of(folder, digest))  # it is in use: others go first
    return rules


def write_compiled(folder: Path, rules: CompiledRules) -> None:
    """Keep the rules under their digest, whole or not at all. A folder that can't be written is no error."""
    payload = msgspec.msgpack.encode(rules).translate(_TURNED)
    data = _MAGIC + hashlib.sha256(payload).digest() + payload
    try:
        make_private_folder(folder)
        if not _is_trusted(folder.stat(follow_symlinks=False), folder):
            return
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".rules-")
    except OSError:
        return
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, _file_of(folder, rules.digest))
    except OSError:
        _remove(name)
    _prune(folder)


def _prune(folder: Path) -> None:
    with contextlib.suppress(OSError):
        kept = [(path.stat(follow_symlinks=False).st_mtime_ns, path) for path in folder.glob("rules-*.bin")]
        for _, path in sorted(kept)[:-KEPT]:
            path.unlink(missing_ok=True)


def _file_of(folder: Path, digest: str) -> Path:
    return folder / f"rules-{digest}.bin"


def _read_trusted(path: Path) -> bytes:
    """The bytes of a file that only we or root can have written. Raises OSError."""
    if not _is_trusted(path.parent.stat(follow_symlinks=False), path.parent):
        raise PermissionError(path)
    descriptor = os.open(path, READ_FILE)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not _is_trusted(status, descriptor) or status.st_size > _MOST_BYTES:
            raise PermissionError(path)
        return file.read(_MOST_BYTES)


def _is_trusted(status: os.stat_result, place: Path | int) -> bool:
    return is_ours(status, place) and not stat.S_ISLNK(status.st_mode)


def _remove(name: str) -> None:
    try:
        os.unlink(name)
    except OSError:
        return
