"""A part of a file as a block device, for what can only mount a device. The kernel lets it go with its last user, so
that a run that was killed leaves none behind.
"""

import errno
import os
import struct
from pathlib import Path

from codered.system.device_orders import ioctl
from codered.targets.overlay.programs import wait_until

_GET_FREE, _CONFIGURE, _CLEAR = 0x4C82, 0x4C0A, 0x4C01
_READ_ONLY, _AUTOCLEAR = 1, 4
_INFO = struct.Struct("=5Q4I64s64s32s2Q")  # struct loop_info64
_TRIES = 20  # somebody else may take the free one first


def attach_loop(file: Path, start: int, size: int, *, write: bool) -> tuple[int, str]:
    """Make `size` bytes of the file from `start` on a device: a descriptor of it, which keeps it, and its path. Raises
    OSError.
    """
    backing = os.open(file, (os.O_RDWR if write else os.O_RDONLY) | os.O_CLOEXEC)
    control = -1
    try:
        control = os.open("/dev/loop-control", os.O_RDWR | os.O_CLOEXEC)
        flags = _AUTOCLEAR | (0 if write else _READ_ONLY)
        name = os.fsencode(file)[-63:]
        info = _INFO.pack(0, 0, 0, start, size, 0, 0, 0, flags, name, b"", b"", 0, 0)
        return _configure(control, struct.pack("=II", backing, 0) + info + bytes(64))
    finally:
        for descriptor in (backing, control):
            if descriptor >= 0:
                os.close(descriptor)


def _configure(control: int, wishes: bytes) -> tuple[int, str]:
    for _ in range(_TRIES):
        path = f"/dev/loop{ioctl(control, _GET_FREE)}"
        device = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            ioctl(device, _CONFIGURE, wishes)
        except OSError as error:
            os.close(device)
            if error.errno != errno.EBUSY:
                raise
        else:
            return device, path
    raise OSError(errno.EBUSY, "no loop device is free")


def list_loops(folder: Path) -> tuple[str, ...]:
    """The devices that are made of files in a folder."""
    top = os.path.realpath(folder) + "/"
    found = []
    for entry in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            backing = os.fsdecode(entry.read_bytes())
        except OSError:  # it went meanwhile
            continue
        if backing.startswith(top):
            found.append(f"/dev/{entry.parts[3]}")
    return tuple(found)


def detach_loops(folder: Path) -> None:
    """Wait until the devices made of files in a folder are gone; one that stays is taken away. Raises OSError."""
    if wait_until(lambda: not list_loops(folder)):
        return
    for path in list_loops(folder):
        device = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            ioctl(device, _CLEAR)
        finally:
            os.close(device)
