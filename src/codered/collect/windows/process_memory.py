"""The memory of a process of this Windows, in overlapping pieces: what is its own, and whatever it may execute."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import NamedTuple

import msgspec

from codered.model.process import ProcessId
from codered.system.windows_processes import READABLE_AND_RUN, Committed, OpenProcess

PIECE = 16 << 20  # bytes
OVERLAP = 64 << 10  # bytes two pieces share
SECONDS = 60.0
MOST_BYTES = 8 << 30
_BIT_PER_RIGHT = ((0xEE, "r"), (0xCC, "w"), (0xF0, "x"))


class MemoryPiece(NamedTuple):
    """Bytes of a process's memory, and where they lie."""

    address: int
    data: bytes
    region: Committed


class MemorySummary(msgspec.Struct):
    """What was read, in bytes and regions, and what could not be."""

    bytes: int = 0
    regions: int = 0
    unreadable: int = 0
    troubles: list[str] = []


def tell_rights(protection: int) -> str:
    """A page's protection in the manner of /proc/PID/maps."""
    return "".join(letter if protection & bits else "-" for bits, letter in _BIT_PER_RIGHT) + "p"


class WindowsProcessMemory:
    """One process. Raises OSError if it can't be opened, ProcessLookupError if it is another one by now."""

    def __init__(self, process: ProcessId, seconds: float = SECONDS) -> None:
        self._opened = OpenProcess(process.pid, memory=True)
        self._end = time.monotonic() + seconds
        self.summary = MemorySummary()
        try:
            if process.start and self._opened.started() != process.start:
                raise ProcessLookupError(process.pid)
        except BaseException:
            self._opened.__exit__(None, None, None)
            raise

    def __enter__(self) -> "WindowsProcessMemory":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.__exit__(kind, error, trace)

    def pieces(self) -> Iterator[MemoryPiece]:
        """Its memory piece by piece, as long as there is time."""
        for region in self._opened.regions():
            if not (region.private or region.protection & READABLE_AND_RUN):
                continue
            self.summary.regions += 1
            for start in range(0, region.size, PIECE - OVERLAP):
                if time.monotonic() > self._end or self.summary.bytes > MOST_BYTES:
                    self.summary.troubles.append("it has more memory than there was time for")
                    return
                yield from self._read(region, start)
                if start + PIECE >= region.size:
                    break

    def _read(self, region: Committed, start: int) -> Iterator[MemoryPiece]:
        size = min(PIECE, region.size - start)
        try:
            data = self._opened.read(region.start + start, size)
        except OSError:
            self.summary.unreadable += 1
            return
        self.summary.bytes += len(data)
        yield MemoryPiece(region.start + start, data, region)
