"""A memory dump: one regular file, which is read and never changed."""

import os
import stat
from typing import Literal, NamedTuple, NoReturn

from msgspec.structs import replace

from codered.model.errors import WrongUse
from codered.model.paths import path_from_bytes
from codered.model.target import TargetInfo
from codered.system.descriptors import READ_FILE

_FLAGS = READ_FILE
_NO_TREE = "a memory dump has no files"
_ODD_KINDS = (
    (stat.S_ISDIR, "a folder, not a memory dump", "name the dump file in it"),
    (stat.S_ISLNK, "a link", "name the file it leads to"),
    (stat.S_ISBLK, "a block device, not a file", "copy it into a file first (dd)"),
)


class DumpState(NamedTuple):
    """Which file it was, its size in bytes, and when it was last changed (nanoseconds)."""

    device: int
    inode: int
    size: int
    changed: int


class MemoryDump:
    """The file, opened once; implements `model.target.Target`. Raises WrongUse for what is no readable regular file."""

    def __init__(self, path: bytes) -> None:
        self._path = os.path.abspath(path)
        self.descriptor = _open(self._path)
        self.state = self.read_state()
        self._info = TargetInfo(kind="memory_dump", root=path_from_bytes(self._path).text, offers=("memory",))

    @property
    def info(self) -> TargetInfo:
        """See `model.target.Target`."""
        return self._info

    @property
    def size(self) -> int:
        """Its length in bytes when it was opened."""
        return self.state.size

    def name_system(self, system: Literal["linux", "windows", "unknown"]) -> None:
        """Say which system the dump is of, once its headers were read."""
        self._info = replace(self._info, system=system)

    def read_state(self) -> DumpState:
        """What it is now; `state` is what it was when it was opened. Raises OSError."""
        status = os.fstat(self.descriptor)
        return DumpState(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.descriptor)

    def open_dir(self, rel: bytes) -> NoReturn:  # noqa: ARG002  the shape of a Target
        """See `model.target.Target`: there is none."""
        raise NotADirectoryError(_NO_TREE)

    def open_folder(self, rel: bytes) -> NoReturn:  # noqa: ARG002
        """See `model.target.Target`: there is none."""
        raise NotADirectoryError(_NO_TREE)

    def open_file(self, rel: bytes) -> int:
        """See `model.target.Target`: only the dump itself, as b""."""
        if rel:
            raise NotADirectoryError(_NO_TREE)
        return os.dup(self.descriptor)

    def open_at(self, directory: int, name: bytes) -> NoReturn:  # noqa: ARG002
        """See `model.target.Target`: there is none."""
        raise NotADirectoryError(_NO_TREE)

    def absolute(self, rel: bytes) -> bytes:
        """See `model.target.Target`."""
        return os.path.join(self._path, rel) if rel else self._path

    def shown(self, rel: bytes) -> None:
        """See `model.target.Target`: nothing in a dump has a name of its own."""

    def find(self, path: str) -> list[bytes]:  # noqa: ARG002
        """See `model.target.Target`: nothing."""
        return []


def _open(path: bytes) -> int:
    shown = path.decode(errors="backslashreplace")
    try:
        mode = os.lstat(path).st_mode
        descriptor = os.open(path, _FLAGS) if stat.S_ISREG(mode) else -1
        if descriptor >= 0:
            mode = os.fstat(descriptor).st_mode
    except FileNotFoundError:
        raise WrongUse("no such file", where=shown, advice="--memory takes a memory dump") from None
    except OSError as error:
        advice = "run it as somebody who may read the file"
        raise WrongUse(f"can't be read ({error.strerror})", where=shown, advice=advice) from None
    if descriptor >= 0 and stat.S_ISREG(mode):
        return descriptor
    if descriptor >= 0:
        os.close(descriptor)
    what, advice = next(((what, advice) for is_it, what, advice in _ODD_KINDS if is_it(mode)),
                        ("no regular file", "--memory takes a memory dump in a file"))  # fmt: skip
    raise WrongUse(what, where=shown, advice=advice)
