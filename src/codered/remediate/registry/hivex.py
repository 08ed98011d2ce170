"""libhivex, by ctypes: the library that writes hives. It gets a private copy in memory, and cells instead of names, so
that no name of a hive goes through it to find anything. What it answers is checked by `hive_file`, not believed.
"""

import ctypes
import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from codered.model.registry import RegistryValue
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.hive_file import BASE

_WRITE = 4
_Cell = ctypes.c_size_t


class _SetValue(ctypes.Structure):
    _fields_ = [
        ("key", ctypes.c_char_p), ("t", ctypes.c_int), ("len", ctypes.c_size_t), ("value", ctypes.c_char_p),
    ]  # fmt: skip


class Hivex:
    """A hive opened for writing, in memory. Cells count as in the hive, from the first bin."""

    def __init__(self, library: ctypes.CDLL, handle: int) -> None:
        self._library = library
        self._handle = handle

    def delete_key(self, cell: int) -> None:
        """The key and all below it. Raises ChangeFailed."""
        self._check(self._library.hivex_node_delete_child(self._handle, BASE + cell))

    def add_key(self, parent: int, name: str) -> int:
        """A key below another, with its owner and rights; its cell. Raises ChangeFailed."""
        node = self._library.hivex_node_add_child(self._handle, BASE + parent, encode_name(name))
        self._check(0 if node else -1)
        return int(node) - BASE

    def set_values(self, cell: int, values: Sequence[RegistryValue]) -> None:
        """These are all the values that the key has. Raises ChangeFailed."""
        array = (_SetValue * max(1, len(values)))(
            *(_SetValue(encode_name(each.name), each.type, len(each.data), each.data) for each in values)
        )
        self._check(self._library.hivex_node_set_values(self._handle, BASE + cell, len(values), array, 0))

    def commit(self, path: bytes) -> None:
        """Write it all. Raises ChangeFailed."""
        self._check(self._library.hivex_commit(self._handle, path, 0))

    def _check(self, answer: int) -> None:
        if answer != 0:
            raise ChangeFailed(f"libhivex can't change this hive: {_explain(ctypes.get_errno())}")


@contextmanager
def opened_copy(data: bytes) -> Iterator[tuple[Hivex, int]]:
    """A hive's bytes, open in libhivex, and the memory file that `commit_copy` reads back. Raises ChangeFailed."""
    library = _load()
    _demand_streams()
    fd = os.memfd_create("hive", os.MFD_CLOEXEC)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]
        handle = library.hivex_open(_name(fd), _WRITE)
        if not handle:
            raise ChangeFailed(f"libhivex can't open this hive: {_explain(ctypes.get_errno())}")
        try:
            yield Hivex(library, handle), fd
        finally:
            library.hivex_close(handle)
    finally:
        os.close(fd)


def commit_copy(hive: Hivex, fd: int) -> bytes:
    """The hive's bytes with all changes. Raises ChangeFailed."""
    hive.commit(_name(fd))
    return os.pread(fd, os.fstat(fd).st_size, 0)


def encode_name(name: str) -> bytes:
    """A name as libhivex takes it. Raises ChangeFailed if it can't."""
    try:
        raw = name.encode()
    except UnicodeEncodeError:
        raw = b"\0"
    if b"\0" in raw:
        raise ChangeFailed(
            "a value or key beside it has a name that is no text, which can't be written here: do it on the running "
            "system, or restore the hive from a backup"
        )
    return raw


def _name(fd: int) -> bytes:
    return b"/proc/self/fd/%d" % fd


def _demand_streams() -> None:
    """It refuses to work where one of the first three descriptors is closed."""
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            raise ChangeFailed("libhivex needs standard input, output and error to be open") from None


def _explain(number: int) -> str:
    if number == errno.EBADF:
        return "glibc's tables for UTF-16 are missing (gconv/UTF-16.so, package libc6)"
    if number in (errno.EINVAL, errno.EFAULT, errno.ELOOP, errno.ERANGE, errno.ENOTSUP, 0):
        return "it is damaged, or of a form that it does not know: restore the hive from a backup"
    return os.strerror(number)


@cache
def _load() -> ctypes.CDLL:
    """Raises ChangeFailed if the library is not there."""
    try:
        library = ctypes.CDLL("libhivex.so.0", use_errno=True)
    except OSError:
        raise ChangeFailed("libhivex.so.0 is missing, without which no hive is written: install libhivex0") from None
    handle = ctypes.c_void_p
    library.hivex_open.restype = handle
    library.hivex_open.argtypes = [ctypes.c_char_p, ctypes.c_int]
    library.hivex_close.argtypes = [handle]
    library.hivex_commit.argtypes = [handle, ctypes.c_char_p, ctypes.c_int]
    library.hivex_node_delete_child.argtypes = [handle, _Cell]
    library.hivex_node_add_child.restype = _Cell
    library.hivex_node_add_child.argtypes = [handle, _Cell, ctypes.c_char_p]
    library.hivex_node_set_values.argtypes = [handle, _Cell, _Cell, ctypes.POINTER(_SetValue), ctypes.c_int]
    return library
