"""What NTFS keeps of a file beside its content: named streams, ACL, attributes, all its times, the short name. Seen as
ntfs-3g shows them when it is mounted with streams_interface=windows: as `file:stream` and in extended attributes.
"""

import errno
import hashlib
import os
import stat
import struct
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from codered.system.descriptors import NO_FOLLOW, NOT_INHERITED, RAW, READ_FILE, read_at
from codered.system.extended import read_extended, write_extended
from codered.system.folders import open_in, remove_in

_STREAMS = "ntfs.streams.list"
_ACL, _ATTRIBUTES, _TIMES = "system.ntfs_acl", "system.ntfs_attrib_be", "system.ntfs_times_be"
_SHORT_NAME, _EXTENDED = "system.ntfs_dos_name", "system.ntfs_ea"
_NO_NTFS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENODATA, errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.EACCES)
_NOTHING = (errno.ENODATA, errno.ENOTSUP, errno.EOPNOTSUPP)
# Read-only, hidden, system, archive, temporary, offline, not indexed: what can be set. Compressed and sparse can't.
_SETTABLE = 0x1 | 0x2 | 0x4 | 0x20 | 0x100 | 0x1000 | 0x2000
_COMPRESSED = 0x800
_MOST_STREAMS = 4096
_PIECE = 1 << 20
_TRIES, _PAUSE = 30, 0.05  # seconds
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | NO_FOLLOW | NOT_INHERITED | RAW


class NtfsStream(msgspec.Struct, frozen=True, kw_only=True):
    """A named stream of a file."""

    name: bytes
    size: int
    sha256: str


class NtfsBefore(msgspec.Struct, frozen=True, kw_only=True):
    """A file on NTFS: `times` are creation, change of content, access, change of attributes, 8 bytes each as Windows
    counts them; `short_name` b"" = it has none.
    """

    streams: tuple[NtfsStream, ...] = ()
    acl: bytes = b""
    attributes: int = 0
    times: bytes = b""
    short_name: bytes = b""
    extended: bytes = b""


def is_on_ntfs(fd: int) -> bool:
    """Whether an open file or folder lies on an NTFS volume whose streams can be seen."""
    try:
        read_extended(fd, _STREAMS)
    except OSError as error:
        if error.errno in _NO_NTFS:
            return False
        raise
    return True


def read_ntfs(dir_fd: int, name: bytes, fd: int, most: int | None = None) -> NtfsBefore | None:
    """All of this of an open file, which has this name in an open directory; None if it lies on no NTFS. Raises OSError
    (EFBIG: a stream has more than `most` bytes).
    """
    if not is_on_ntfs(fd):
        return None
    names = sorted(part for part in read_extended(fd, _STREAMS).split(b"\0") if part)
    if len(names) > _MOST_STREAMS:
        raise OSError(errno.EFBIG, f"it has more than {_MOST_STREAMS} streams: move it away by hand")
    return NtfsBefore(
        streams=tuple(_read_stream(dir_fd, name, stream, most) for stream in names),
        acl=_read(fd, _ACL),
        attributes=struct.unpack(">I", _read(fd, _ATTRIBUTES).rjust(4, b"\0"))[0],
        times=_read(fd, _TIMES),
        short_name=_read(fd, _SHORT_NAME),
        extended=_read(fd, _EXTENDED),
    )


def digest_ntfs(seen: NtfsBefore | None) -> str:
    """What stands in a file's state: a SHA-256, and the short name behind it; "" = no NTFS. The times are not in it,
    nor what can't be set.
    """
    if seen is None:
        return ""
    kept = msgspec.structs.replace(seen, times=b"", short_name=b"", attributes=seen.attributes & _SETTABLE)
    digest = hashlib.sha256(msgspec.json.encode(kept)).hexdigest()
    return f"{digest}/{seen.short_name.decode(errors='backslashreplace')}" if seen.short_name else digest


def without_short_name(digest: str) -> str:
    """The same for a file that has not yet its short name again."""
    return digest.partition("/")[0]


def open_stream(dir_fd: int, name: bytes, stream: bytes) -> int:
    """A read-only descriptor of a stream. Raises OSError."""
    if b"/" in stream or b"\0" in stream:
        raise OSError(errno.EINVAL, "it has a stream whose name can't be used")
    try:
        fd = open_in(dir_fd, name + b":" + stream, READ_FILE)
    except FileNotFoundError:  # which must not pass for a file that is gone
        raise OSError(errno.EIO, "it has a stream that can't be opened") from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "it has a stream that is no stream")
    return fd


def write_streams(
    dir_fd: int, name: bytes, streams: tuple[NtfsStream, ...], fill: Callable[[NtfsStream, int], None]
) -> None:
    """Give a file these streams; `fill` writes the content of one to a descriptor. Raises OSError."""
    for stream in streams:
        out = _create_stream(dir_fd, name + b":" + stream.name)
        try:
            fill(stream, out)
            os.fsync(out)
        finally:
            os.close(out)


def _create_stream(dir_fd: int, name: bytes) -> int:
    """The kernel may remember a stream of an earlier file of this name, for a second at most."""
    with suppress(FileNotFoundError):
        remove_in(dir_fd, name)
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            return open_in(dir_fd, name, _CREATE)
        time.sleep(_PAUSE)
    return open_in(dir_fd, name, _CREATE)


def write_attributes(fd: int, wanted: NtfsBefore) -> None:
    """Give an open file its ACL, attributes and times. Raises OSError."""
    if wanted.extended:
        write_extended(fd, _EXTENDED, wanted.extended)
    if wanted.acl and _read(fd, _ACL) != wanted.acl:
        write_extended(fd, _ACL, wanted.acl)
    now = struct.unpack(">I", _read(fd, _ATTRIBUTES).rjust(4, b"\0"))[0]
    if now & _SETTABLE != wanted.attributes & _SETTABLE:
        write_extended(fd, _ATTRIBUTES, struct.pack(">I", now & ~_SETTABLE | wanted.attributes & _SETTABLE))
    write_times(fd, wanted)


def write_times(fd: int, wanted: NtfsBefore) -> None:
    """Give an open file its times; the change of attributes can't be set, it is now. Raises OSError."""
    if wanted.times:  # those that can be read may be behind what was just written
        write_extended(fd, _TIMES, wanted.times)


def write_short_name(fd: int, wanted: NtfsBefore) -> None:
    """Give an open file, which has its own name already, its short name. Raises OSError (EEXIST: another has it)."""
    if wanted.short_name and _read(fd, _SHORT_NAME) != wanted.short_name:
        write_extended(fd, _SHORT_NAME, wanted.short_name)
        write_times(fd, wanted)


def tell_lost(fd: int, before: NtfsBefore) -> str:
    """What could not come back, "" if nothing. Raises OSError."""
    now = struct.unpack(">I", _read(fd, _ATTRIBUTES).rjust(4, b"\0"))[0]
    return "it is no longer compressed" if before.attributes & _COMPRESSED and not now & _COMPRESSED else ""


def _read_stream(dir_fd: int, name: bytes, stream: bytes, most: int | None) -> NtfsStream:
    fd = open_stream(dir_fd, name, stream)
    try:
        size = os.fstat(fd).st_size
        if most is not None and size > most:
            raise OSError(errno.EFBIG, f"it has a stream of {size:,} bytes: move it away by hand")
        digest, offset = hashlib.sha256(), 0
        while piece := read_at(fd, _PIECE, offset):
            digest.update(piece)
            offset += len(piece)
            if offset > size:
                raise OSError(errno.EBUSY, "a stream of it grows while it is being read")
    finally:
        os.close(fd)
    return NtfsStream(name=stream, size=offset, sha256=digest.hexdigest())


def _read(fd: int, name: str) -> bytes:
    try:
        return read_extended(fd, name)
    except OSError as error:
        if error.errno in _NOTHING:
            return b""
        raise
