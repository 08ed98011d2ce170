"""The flags with which `chattr +i` and `+a` keep a file from being changed, even by root. Worms set them on what they
plant; they are taken off before a change and come back with the file.
"""

import array
import errno

from codered.system.device_orders import ioctl

_GET, _SET = 0x80086601, 0x40086602  # FS_IOC_GETFLAGS, FS_IOC_SETFLAGS
_IMMUTABLE, _APPEND_ONLY = 0x10, 0x20
_HOLDING = _IMMUTABLE | _APPEND_ONLY
_NO_FLAGS = (errno.ENOTTY, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS)


def read_holding_flags(fd: int) -> int:
    """Those of the two flags that are set on an open file; 0 where the file system has none. Raises OSError."""
    return _read(fd) & _HOLDING


def set_holding_flags(fd: int, wanted: int) -> bool:
    """Set these of the two flags and no other one; whether anything changed. Raises OSError."""
    now = _read(fd)
    if now & _HOLDING == wanted & _HOLDING:
        return False
    ioctl(fd, _SET, array.array("l", [(now & ~_HOLDING) | (wanted & _HOLDING)]))
    return True


def _read(fd: int) -> int:
    flags = array.array("l", [0])
    try:
        ioctl(fd, _GET, flags, True)
    except OSError as error:
        if error.errno in _NO_FLAGS:
            return 0
        raise
    return flags[0]
