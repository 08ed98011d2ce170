"""Orders to a device or a file system through an open file of it: `ioctl`, which Windows has not."""

import sys

__all__ = ["ioctl"]

if sys.platform == "win32":
    import errno

    def ioctl(_fd: int, _order: int, _argument: object = 0, _mutate: bool = True) -> int:
        """Raises OSError: Windows knows no such orders."""
        raise OSError(errno.ENOTSUP, "no such orders on Windows")

else:
    from fcntl import ioctl
