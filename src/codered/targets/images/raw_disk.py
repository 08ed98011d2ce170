"""A disk as it is, in one file, a block device, or several pieces."""

import os
from bisect import bisect_right

from codered.targets.images.image_files import measure, open_image_file


class RawDisk:
    """Implements `containers.Disk`. Raises WrongUse if a file can't be opened."""

    def __init__(self, files: tuple[bytes, ...]) -> None:
        self._descriptors: list[int] = []
        self._starts: list[int] = []
        self.size = 0
        try:
            for path in files:
                descriptor = open_image_file(path)
                self._descriptors.append(descriptor)
                self._starts.append(self.size)
                self.size += measure(descriptor)
        except BaseException:
            self.close()
            raise

    @property
    def descriptor(self) -> int:
        """Of the only file; -1 if there are several."""
        return self._descriptors[0] if len(self._descriptors) == 1 else -1

    def read(self, offset: int, size: int) -> bytes:
        """See `containers.Disk`."""
        parts: list[bytes] = []
        while size > 0 and offset < self.size:
            piece = bisect_right(self._starts, offset) - 1  # the last of several that start here: the others are empty
            end = self._starts[piece + 1] if piece + 1 < len(self._starts) else self.size
            wanted = min(size, end - offset)
            data = os.pread(self._descriptors[piece], wanted, offset - self._starts[piece])
            if not data:
                raise OSError("a piece of the image became shorter while it was read")
            parts.append(data)
            offset += len(data)
            size -= len(data)
        return b"".join(parts)

    def close(self) -> None:
        """See `containers.Disk`."""
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._descriptors = []
