"""Opening files below a root, component by component: no link is ever followed, so nothing leads out of the root."""

import os
import stat

from codered.system.descriptors import DIRECTORY, NO_FOLLOW, NOT_INHERITED, READ_FILE

_DIRECTORY = os.O_RDONLY | DIRECTORY | NO_FOLLOW | NOT_INHERITED
# To pass through a folder one must be allowed to enter it, not to list it (a /home of mode 0711).
_PASSAGE = getattr(os, "O_PATH", os.O_RDONLY) | DIRECTORY | NO_FOLLOW | NOT_INHERITED
_FILE = READ_FILE
_QUIET = getattr(os, "O_NOATIME", 0)


def open_root(path: bytes) -> int:
    """A descriptor of the root directory itself. Raises OSError."""
    return os.open(path, os.O_RDONLY | DIRECTORY | NOT_INHERITED)


def open_dir_beneath(root: int, rel: bytes) -> int:
    """A descriptor of the directory `rel` below the descriptor `root`. Raises OSError (ELOOP or ENOTDIR at a link)."""
    if not rel:  # opened anew: a duplicate would share its place in the listing with every other reader of the root
        return os.open(b".", _DIRECTORY, dir_fd=root)
    folder, _, name = rel.rpartition(b"/")
    _refuse_odd_component(name)
    parent = _pass_to(root, folder)
    try:
        return os.open(name, _DIRECTORY, dir_fd=parent)
    finally:
        os.close(parent)


def open_file_at(directory: int, name: bytes) -> int:
    """A read-only descriptor of the regular file `name` in an open directory; never blocks, leaves atime alone where
    the kernel lets us. Raises OSError.
    """
    try:
        descriptor = os.open(name, _FILE | _QUIET, dir_fd=directory)
    except PermissionError:  # O_NOATIME is for owners and root only
        descriptor = os.open(name, _FILE, dir_fd=directory)
    return descriptor


def open_file_beneath(root: int, rel: bytes) -> int:
    """A read-only descriptor of the regular file `rel` below `root`. Raises OSError, also if it is no regular file."""
    folder, _, name = rel.rpartition(b"/")
    _refuse_odd_component(name)
    parent = _pass_to(root, folder)
    try:
        descriptor = open_file_at(parent, name)
    finally:
        os.close(parent)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return descriptor


def _pass_to(root: int, folder: bytes) -> int:
    """A descriptor that is good for opening what lies in the folder, and for nothing else."""
    here = os.dup(root)
    try:
        for part in folder.split(b"/") if folder else ():
            _refuse_odd_component(part)
            there = os.open(part, _PASSAGE, dir_fd=here)
            os.close(here)
            here = there
    except BaseException:
        os.close(here)
        raise
    return here


def _refuse_odd_component(part: bytes) -> None:
    if part in (b"", b".", b"..") or b"/" in part:
        raise OSError(f"not a plain path component: {part!r}")
