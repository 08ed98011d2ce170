"""Reading a process's memory while it runs: never stopping it, never making it grow. Only pages that are present are
read, and of programs whose file is gone from disk also the file, which the kernel still has.
"""

import os
import time
from bisect import bisect_right
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from types import TracebackType
from typing import TypeVar

import msgspec

from codered.collect.memory_map import MOST_LINE, Mapped, MemoryMap, read_map
from codered.collect.memory_pages import GAP, PAGE, Chunk, Extent, MemorySummary, cut_chunks, find_runs
from codered.collect.process_identity import find_living, read_stat
from codered.model.process import MemoryRegion, ProcessId

_Item = TypeVar("_Item")
SECONDS = 30.0  # for one process, however many regions it has
MOST_FILE = 256 << 20  # bytes of a program's file that are read where it is gone from disk
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class ProgramChanged(Exception):
    """The process has started another program since its memory was opened: what was opened is gone."""


class MemoryPiece(msgspec.Struct, frozen=True, gc=False):
    """Bytes of a process's memory and where they come from: runs of pages, between them a gap of NULs."""

    data: bytes
    extents: tuple[Extent, ...]

    def address_of(self, offset: int) -> int:
        """The address of a byte of `data`."""
        for start, length in self.extents:
            if offset < length + len(GAP):
                return start + min(offset, length - 1)
            offset -= length + len(GAP)
        raise IndexError(offset)


class ProcessMemory:
    """A process's memory, open for reading; made by `open_memory`. What is opened stays with the process that was
    meant: one that gets its pid later is never read.
    """

    def __init__(self, folder: str, process: ProcessId, seconds: float) -> None:
        self._folder = folder
        self._process = process
        self._deadline = time.monotonic() + seconds
        self._opened: list[int] = []
        self._map = MemoryMap()
        self.summary = MemorySummary()

    def __enter__(self) -> "ProcessMemory":
        """Open it. Raises ProcessLookupError if that process is gone, and OSError if it may not be read."""
        try:
            folder = find_living(self._folder)
            self._memory, self._pagemap = self._open(f"{folder}/mem"), self._open(f"{folder}/pagemap")
            with open(self._open(f"{folder}/maps"), "rb", buffering=1 << 16, closefd=False) as file:
                self.demand_alive()
                self._map = read_map(self._folder, iter(lambda: file.readline(MOST_LINE), b""))
        except FileNotFoundError:
            self._close()
            raise ProcessLookupError(self._process.pid) from None
        except OSError:
            self._close()
            raise
        self.summary.regions = len(self._map.regions)
        self.summary.skipped = self._map.skipped
        self.summary.troubles += self._map.troubles
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def demand_alive(self) -> None:
        """Raises ProcessLookupError unless the pid still is this process's and the process runs."""
        if read_stat(self._folder).start != self._process.start:
            raise ProcessLookupError(self._process.pid)
        find_living(self._folder)

    def finish(self) -> None:
        """To be called when all is read. Raises ProcessLookupError as `demand_alive`, and ProgramChanged."""
        self.demand_alive()
        if self._map.regions and not os.pread(self._pagemap, 8, self._map.regions[0].start // PAGE * 8):
            raise ProgramChanged(self._process.pid)

    def chunks(self) -> Iterator[Chunk]:
        """What to read, the most telling regions first, until the time is up. Read each before asking for the next but
        one of its stretch. Raises OSError when the process ends.
        """
        for number, stretch in enumerate(self._map.stretches):
            runs = self._in_time(find_runs(self._pagemap, stretch.start, stretch.end, stretch.written, self.summary))
            yield from self._in_time(cut_chunks(runs, partial(Chunk, number, self._memory, 0)))
        for number, mapped in enumerate(self._map.files, len(self._map.stretches)):
            yield from self._in_time(self._chunks_of_file(mapped, number))

    def read(self, chunk: Chunk) -> MemoryPiece:
        """The bytes of a chunk; pages that can't be read are NULs and are counted. Raises ProcessLookupError if the
        process has ended.
        """
        if len(chunk.extents) == 1:
            ((start, length),) = chunk.extents
            data = self._read_run(chunk, start, length)
            self.summary.bytes += len(data)
            return MemoryPiece(data, chunk.extents)
        gathered = BytesIO()  # gives its own buffer away: no second copy of it
        for start, length in chunk.extents:
            gathered.write(self._read_run(chunk, start, length))
            gathered.write(GAP)
            self.summary.bytes += length
        return MemoryPiece(gathered.getvalue(), chunk.extents)

    def region_at(self, address: int) -> MemoryRegion:
        """The region an address lies in. Raises LookupError if none that is read has it."""
        index = bisect_right(self._map.regions, address, key=lambda region: region.start) - 1
        region = self._map.regions[max(index, 0)]
        if not region.start <= address < region.end:
            raise LookupError(address)
        return region

    def chunks_of(self, region: MemoryRegion) -> Iterator[Chunk]:
        """All pages of one region that are present, until the time is up. Raises OSError."""
        runs = self._in_time(find_runs(self._pagemap, region.start, region.end, False, MemorySummary()))
        yield from self._in_time(cut_chunks(runs, partial(Chunk, 0, self._memory, 0)))

    def grant(self, seconds: float) -> None:
        """Set a new deadline, that many seconds from now."""
        self._deadline = time.monotonic() + seconds

    def _in_time(self, items: Iterator[_Item]) -> Iterator[_Item]:
        for item in items:
            if time.monotonic() > self._deadline:
                self._tell("the time was up before all of it was read")
                return
            yield item

    def _chunks_of_file(self, mapped: Mapped, number: int) -> Iterator[Chunk]:
        """What is mapped of a program's file that has no name any more."""
        region = mapped.region
        try:
            descriptor = os.open(f"{self._folder}/map_files/{region.start:x}-{region.end:x}", _READ)
        except OSError:
            self._tell(
                "the file of a program that is gone from disk can't be opened: only its pages in memory were read"
            )
            return
        try:
            size = min(os.fstat(descriptor).st_size - mapped.offset, region.end - region.start)
            if size > MOST_FILE:
                self._tell(f"only {MOST_FILE >> 20} MiB of the file of a program that is gone from disk were read")
            runs = iter(((region.start, max(min(size, MOST_FILE), 0)),))
            yield from cut_chunks(runs, partial(Chunk, number, descriptor, region.start - mapped.offset))
        finally:
            os.close(descriptor)

    def _read_run(self, chunk: Chunk, start: int, length: int) -> bytes:
        data = self._read_at(chunk, start, length)
        if len(data) == length:
            return data
        parts = [data]  # a page in it can't be read any more
        got = len(data)
        while got < length:
            data = self._read_at(chunk, start + got, length - got)
            if not data:
                data = bytes(min(PAGE - (start + got) % PAGE, length - got))
                self.summary.unreadable += self._is_present(start + got)
            parts.append(data)
            got += len(data)
        return b"".join(parts)

    def _read_at(self, chunk: Chunk, start: int, length: int) -> bytes:
        """What can be read from there on in one go; nothing if the first page can't be."""
        try:
            data = os.pread(chunk.descriptor, length, start - chunk.shift)
        except OSError:
            data = b""
        if not data:
            self.demand_alive()
        return data

    def _is_present(self, address: int) -> bool:
        """Whether a page is in memory; one that was given back since it was listed is nothing that we missed."""
        entry = os.pread(self._pagemap, 8, address // PAGE * 8)
        return len(entry) == 8 and bool(entry[7] & 0x80)

    def _tell(self, trouble: str) -> None:
        if trouble not in self.summary.troubles:
            self.summary.troubles.append(trouble)

    def _open(self, path: str) -> int:
        descriptor = os.open(path, _READ)
        self._opened.append(descriptor)
        return descriptor

    def _close(self) -> None:
        while self._opened:
            os.close(self._opened.pop())


def open_memory(process: ProcessId, seconds: float = SECONDS, proc: str = "/proc") -> ProcessMemory:
    """The memory of a process, to be opened by `with`; `seconds` is the time for all of it."""
    return ProcessMemory(f"{proc}/{process.pid}", process, seconds)
