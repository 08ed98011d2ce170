"""The bytes of a hive's file, read a block at a time: memory stays bounded, whatever a file says of itself.

What transaction logs hold is laid over them in memory; the file is never changed.
"""

import os
import weakref
from collections import OrderedDict

from codered.engine.hives.hive_header import MOST
from codered.system.descriptors import read_at

_BLOCK = 1 << 14
_PAGE = 4096
_KEPT = 1024  # blocks kept: 16 MiB


class HiveBytes:
    """Owns the descriptor. `size` may grow beyond the file when a log says so: what lies there are zeros."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)
        self._state = self._look()
        self.file_size = self._state[0]
        self.size = min(self.file_size, MOST)
        self.troubles: list[str] = []
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._over: dict[int, bytes] = {}

    def read(self, at: int, count: int) -> bytes:
        """Up to `count` bytes from a place in the file; fewer at its end."""
        number, start = divmod(at, _BLOCK)
        if start + count <= _BLOCK:
            return self._block(number)[start : start + count]
        end = min(at + count, self.size)
        parts = [self._block(each) for each in range(number, -(-end // _BLOCK))]
        return b"".join(parts)[start : start + count]

    def lay_over(self, at: int, data: bytes) -> None:
        """From now on these bytes are read at that place of the file."""
        while data:
            page, start = divmod(at, _PAGE)
            part = data[: _PAGE - start]
            old = self.read(page * _PAGE, _PAGE).ljust(_PAGE, b"\0")
            self._over[page] = old[:start] + part + old[start + len(part) :]
            self._blocks.pop(at // _BLOCK, None)
            at, data = at + len(part), data[len(part) :]

    def grow(self, size: int) -> None:
        """A log says that the hive is larger (or smaller) than its file."""
        self.size = min(size, MOST)
        self._blocks.clear()

    def has_changed(self) -> bool:
        """Whether the file was written to since it was opened."""
        return self._look() != self._state

    def _block(self, number: int) -> bytes:
        block = self._blocks.get(number)
        if block is not None:
            return block
        at = number * _BLOCK
        block = self._read_file(at, max(0, min(_BLOCK, self.size - at)))
        for page in range(at // _PAGE, (at + len(block)) // _PAGE) if self._over else ():
            if page in self._over:
                start = page * _PAGE - at
                block = block[:start] + self._over[page] + block[start + _PAGE :]
        self._blocks[number] = block
        if len(self._blocks) > _KEPT:
            self._blocks.popitem(last=False)
        return block

    def _read_file(self, at: int, count: int) -> bytes:
        try:
            return read_at(self._descriptor, count, at).ljust(count, b"\0")
        except OSError as error:
            if len(self.troubles) < 10:
                self.troubles.append(f"byte {at} can't be read ({error.strerror})")
            return bytes(count)

    def _look(self) -> tuple[int, int]:
        stat = os.fstat(self._descriptor)
        return stat.st_size, stat.st_mtime_ns
