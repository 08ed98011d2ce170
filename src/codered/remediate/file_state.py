"""A place on the target and the file in it, as it is now. Names and contents are hostile: descriptors all the way."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.firewall import FirewallState
from codered.model.paths import FilePath
from codered.model.plan import FileState, KeyState, LinksState, PackageState, ProcessState, State, ValueState
from codered.model.target import Target
from codered.remediate.inode_flags import set_holding_flags
from codered.remediate.ntfs_attributes import digest_ntfs, read_ntfs
from codered.system.descriptors import KEEPS_ATIME, READ_FILE, read_at
from codered.system.extended import read_extended
from codered.system.folders import look_in, open_in

PIECE = 1 << 20
ABSENT = FileState(exists=False)
# Something stands there that is no regular file, or the way to it leads over a link. No plan ever expects this.
NO_REGULAR_FILE = FileState(exists=True)

_LINK_ON_THE_WAY = (errno.ELOOP, errno.ENOTDIR)
CAPABILITIES = "security.capability"
_NO_CAPABILITIES = (errno.ENODATA, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class ChangeFailed(Exception):
    """A change, its backup or its undoing did not come off; the message says why in one line."""


class Blocked(ChangeFailed):
    """Nothing can be changed there as the volume or the file stands now; the message says what mends that."""


class TooLarge(ChangeFailed):
    """A file has more bytes than are worth reading; the message is one line for the user."""


class Spot(NamedTuple):
    """A name in an open directory."""

    dir_fd: int
    name: bytes


def escape_text(text: str) -> str:
    """The text on one line: control characters, odd spaces and lone surrogates escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def find_below(path: FilePath, root: str) -> bytes:
    """The path below the root. Raises Refused if it does not lie beneath it or is not written plainly."""
    whole, top = path.to_bytes(), os.fsencode(root).rstrip(b"/")
    if not root:  # live Windows: `C:\x` is `/C:/x` below nothing
        whole = b"/" + whole.replace(b"\\", b"/")
    rel = whole[len(top) + 1 :]
    plain = all(part not in (b"", b".", b"..") for part in rel.split(b"/")) and b"\0" not in rel
    if not whole.startswith(top + b"/") or not plain:
        raise Refused("does not lie beneath the target's root", where=escape_text(path.text), advice="make a new plan")
    return rel


@contextmanager
def open_spot(path: FilePath, target: Target) -> Iterator[Spot]:
    """The place of the path, its directory held open. Raises OSError, Refused."""
    parent, _, name = find_below(path, target.info.root).rpartition(b"/")
    dir_fd = target.open_dir(parent)
    try:
        yield Spot(dir_fd, name)
    finally:
        os.close(dir_fd)


def open_regular(spot: Spot) -> int:
    """A read-only descriptor of the regular file in this place; no link followed, no fifo waited for, its atime left
    alone where the system allows. Raises OSError (ELOOP: a link, ENOTDIR: another thing that is no regular file).
    """
    try:
        fd = open_in(spot.dir_fd, spot.name, READ_FILE | KEEPS_ATIME)
    except PermissionError:  # O_NOATIME is for the owner and root only
        fd = open_in(spot.dir_fd, spot.name, READ_FILE)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.ENOTDIR, "not a regular file")
    return fd


def state_of_descriptor(fd: int, most: int | None = None, spot: Spot | None = None) -> FileState:
    """The state of an open regular file, with what NTFS keeps of it if its place is named too. Raises OSError,
    ChangeFailed if it changes while being read, TooLarge if it has more than `most` bytes.
    """
    before = os.fstat(fd)
    if most is not None and before.st_size > most:
        raise TooLarge(f"larger than {most >> 30} GiB: it has {before.st_size:,} bytes, move it away by hand")
    digest, offset = hashlib.sha256(), 0
    while piece := read_at(fd, PIECE, offset):
        digest.update(piece)
        offset += len(piece)
        if offset > before.st_size:
            raise ChangeFailed("it grows while it is being read")
    windows = "" if spot is None else digest_ntfs(read_ntfs(spot.dir_fd, spot.name, fd, most))
    if _identity(os.fstat(fd)) != _identity(before) or offset != before.st_size:
        raise ChangeFailed("it changed while it was being read")
    return FileState(
        exists=True,
        sha256=digest.hexdigest(),
        size=before.st_size,
        mode=stat.S_IMODE(before.st_mode),
        uid=before.st_uid,
        gid=before.st_gid,
        mtime_ns=before.st_mtime_ns,
        capabilities=_read_capabilities(fd),
        windows=windows,
    )


def read_state(path: FilePath, target: Target, most: int | None = None) -> FileState:
    """What is in this place now: a file, nothing (ABSENT), or something that is no file of ours (NO_REGULAR_FILE).
    Raises OSError when it can't be read, Refused when it lies outside the root, ChangeFailed, TooLarge.
    """
    try:
        with open_spot(path, target) as spot:
            fd = open_regular(spot)
            try:
                return state_of_descriptor(fd, most, spot)
            finally:
                os.close(fd)
    except FileNotFoundError:
        return ABSENT
    except OSError as error:
        if error.errno in (*_LINK_ON_THE_WAY, errno.ENXIO, errno.EISDIR):
            return NO_REGULAR_FILE
        raise


class HeldFile:
    """A file held open since its state was found right, so that no other can be taken for it."""

    def __init__(self, spot: Spot, fd: int, seen: os.stat_result) -> None:
        self.spot = spot
        self.fd = fd
        self._seen = seen

    def check_unmoved(self) -> None:
        """Raises ChangeFailed if the name no longer leads to this very file, or the file was touched."""
        try:
            by_name = look_in(self.spot.dir_fd, self.spot.name)
        except FileNotFoundError:
            raise ChangeFailed("it disappeared at the last moment") from None
        if not _identity(by_name) == _identity(os.fstat(self.fd)) == _identity(self._seen):
            raise ChangeFailed("it was exchanged or changed at the last moment")

    def lift_flags(self) -> None:
        """Take off what keeps even root from changing the file (chattr +i). Raises ChangeFailed, OSError."""
        self.check_unmoved()
        if set_holding_flags(self.fd, 0):
            self._seen = os.fstat(self.fd)


def is_as_expected(expected: FileState, now: FileState) -> bool:
    """Whether a file is in the expected state. A time of 0 is any time; nothing said of NTFS is anything there."""
    return expected == replace(
        now,
        mtime_ns=now.mtime_ns if expected.mtime_ns else 0,
        windows=now.windows if expected.windows else "",
    )


@contextmanager
def hold_file(spot: Spot, expected: FileState) -> Iterator[HeldFile]:
    """The file in this place, held open. Raises ChangeFailed if its state is not the expected one (an expected time of
    0 is any time), OSError.
    """
    fd = open_regular(spot)
    try:
        seen = os.fstat(fd)
        now = state_of_descriptor(fd, spot=spot)
        if not is_as_expected(expected, now):
            raise ChangeFailed(describe_difference(expected, now))
        held = HeldFile(spot, fd, seen)
        held.check_unmoved()
        yield held
    finally:
        os.close(fd)


def describe_difference(expected: State, now: State) -> str:
    """In a few words, how what is there differs from what was expected."""
    if isinstance(now, ProcessState):
        return {"running": "it runs", "held": "it is held, frozen, and did not end", "gone": "it is gone"}[now.state]
    if isinstance(now, PackageState):
        return f"the package is at version {now.version} now" if now.version else "the package is not installed now"
    if isinstance(now, FirewallState):
        return "our tables in it are not as they were ordered" if now.rules else "our tables in it are gone"
    if isinstance(now, ValueState | KeyState):
        return _describe_registry(expected, now)
    if isinstance(now, LinksState) or not isinstance(expected, FileState):
        return "its links are not the same"
    if now == NO_REGULAR_FILE:
        return "it is a link, a folder or a special file now, or a link lies on the way to it"
    if not now.exists:
        return "it is gone"
    if not expected.exists:
        return "something is there now"
    names = {
        "sha256": "content",
        "size": "size",
        "mode": "mode",
        "uid": "owner",
        "gid": "group",
        "mtime_ns": "time",
        "capabilities": "capabilities",
        "windows": "ACL, stream, attribute or short name",
    }
    for field in ("mtime_ns", "windows"):
        if not getattr(expected, field):  # anything is right
            del names[field]
    other = [word for field, word in names.items() if getattr(expected, field) != getattr(now, field)]
    return f"it has another {', '.join(other)} now"


def _describe_registry(expected: State, now: ValueState | KeyState) -> str:
    what = "value" if isinstance(now, ValueState) else "key"
    if not now.exists:
        return f"there is no such {what}"
    if isinstance(expected, ValueState | KeyState) and not expected.exists:
        return f"the {what} is there"
    return "it has other data now" if what == "value" else "other keys, values or data are in it now"


def _read_capabilities(fd: int) -> str:
    try:
        return read_extended(fd, CAPABILITIES).hex()
    except OSError as error:
        if error.errno in _NO_CAPABILITIES:
            return ""
        raise


def _identity(seen: os.stat_result) -> tuple[int, int, int, int, int]:
    return (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
