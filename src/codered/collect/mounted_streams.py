"""The alternate streams of files on a mounted NTFS volume: ntfs-3g shows them as `file:stream`, if it is told to."""

import errno
import os
import sys
from collections.abc import Iterator
from typing import Literal

UNSEEN = (
    "the alternate streams of this NTFS volume can't be seen: mount it by ntfs-3g with -o streams_interface=windows"
)
UNLISTED = "its alternate streams can't be listed"
MOST_STREAMS = 1000  # of one file
_LIST, _OF_NTFS = "ntfs.streams.list", "system.ntfs_attrib_be"
_NTFS_ROOT = 5  # the inode of the first folder
_MAY_BE_NTFS = ("fuse", "ntfs")

State = Literal["no", "seen", "unseen"]


class MountedStreams:
    """Lists streams in one walk; whether there can be any is found out once a file system."""

    def __init__(self) -> None:
        self._states: dict[int, State] = {}

    def list_folder(self, directory: int, kind: str) -> Iterator[tuple[bytes, str]]:
        """The streams of what lies in an open folder, as names beside it (`file:stream`), on a file system of this
        type; or a name (b"" = the folder) and why its streams can't be listed. Raises OSError.
        """
        if not kind.startswith(_MAY_BE_NTFS):
            return
        status = os.fstat(directory)
        if status.st_dev not in self._states:
            self._states[status.st_dev] = _find_state(directory, kind)
            if self._states[status.st_dev] == "unseen":
                yield b"", UNSEEN
        if self._states[status.st_dev] != "seen":
            return
        if status.st_ino == _NTFS_ROOT:  # no folder above lists them
            yield from _list_streams(directory, b"")
        for name in os.listdir(directory):
            yield from _list_streams(directory, os.fsencode(name))


def _list_streams(directory: int, name: bytes) -> Iterator[tuple[bytes, str]]:
    try:
        streams = _read(b"/proc/self/fd/%d/%s" % (directory, name), _LIST, follow=not name).split(b"\0")
    except FileNotFoundError:
        return
    except OSError as error:
        yield name, f"{UNLISTED}: {error.strerror or error}"
        return
    for stream in streams[:MOST_STREAMS]:
        if stream and b"/" not in stream:
            yield name + b":" + stream, ""
    if len(streams) > MOST_STREAMS:
        yield name, f"{UNLISTED}: more than {MOST_STREAMS} of them"


def _read(file: int | bytes, attribute: str, *, follow: bool = True) -> bytes:
    if sys.platform == "win32":
        raise OSError(errno.ENOTSUP, "Windows lists streams itself")
    return os.getxattr(file, attribute) if follow else os.getxattr(file, attribute, follow_symlinks=False)


def _find_state(directory: int, kind: str) -> State:
    try:
        _read(directory, _LIST)
    except OSError:
        if kind.startswith("ntfs"):  # the drivers of the kernel
            return "unseen"
    else:
        return "seen"
    try:
        _read(directory, _OF_NTFS)
    except OSError:
        return "no"
    return "unseen"
