"""Copies of the memory regions in which something was found, for who wants to look closer."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from codered.collect.process_memory import SECONDS, ProcessMemory
from codered.model.process import MemoryRegion, ProcessId

MOST_REGION = 256 << 20  # bytes of one region
MOST_PROCESS = 1 << 30  # bytes of one process
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class DumpRefused(Exception):
    """Why a copy was not written, in words for the user."""


class DumpedRun(msgspec.Struct, frozen=True):
    """Where bytes of the copy come from: their offset in it, their address (hexadecimal) and how many they are."""

    offset: int
    address: str
    length: int


class DumpedRegion(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy is of. It holds only the pages that were in memory, run after run; `cut`: there was more of them."""

    pid: int
    start: int
    region: MemoryRegion
    sha256: str
    size: int
    cut: bool
    runs: tuple[DumpedRun, ...]


def dump_regions(
    folder: Path, process: ProcessId, memory: ProcessMemory, regions: Iterable[MemoryRegion], written: list[str]
) -> None:
    """Write each region to `folder` as PID-START-ADDRESS.bin, mode 0600, with a .json that says what it is, and add the
    paths to `written`. Nothing is overwritten and no link is followed. Raises DumpRefused, and ProcessLookupError when
    the process ends.
    """
    try:
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise DumpRefused(f"no copy of its memory: {folder}: {error.strerror}") from None
    try:
        _demand_own(directory, folder)
        memory.grant(SECONDS)
        left = MOST_PROCESS
        for region in regions:
            name = f"{process.pid}-{process.start}-{region.start:x}"
            copy = _Copy(memory, region, min(left, MOST_REGION))
            _write(directory, f"{name}.bin", copy.pieces())
            _write(directory, f"{name}.json", iter((msgspec.json.format(msgspec.json.encode(copy.tell(process))),)))
            written += [str(folder / f"{name}.bin"), str(folder / f"{name}.json")]
            left -= copy.size
    finally:
        os.close(directory)


def _demand_own(directory: int, folder: Path) -> None:
    status = os.fstat(directory)
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise DumpRefused(f"no copy of its memory: others may write to {folder}")


class _Copy:
    """The bytes of a region as they are written, and what they are."""

    def __init__(self, memory: ProcessMemory, region: MemoryRegion, most: int) -> None:
        self._memory = memory
        self._region = region
        self._most = most
        self.runs: list[DumpedRun] = []
        self.size = 0
        self.cut = False
        self.hash = hashlib.sha256()

    def tell(self, process: ProcessId) -> DumpedRegion:
        """What was written."""
        return DumpedRegion(
            pid=process.pid,
            start=process.start,
            region=self._region,
            sha256=self.hash.hexdigest(),
            size=self.size,
            cut=self.cut,
            runs=tuple(self.runs),
        )

    def pieces(self) -> Iterator[bytes]:
        """All that is present, once. Raises OSError and ProcessLookupError."""
        end = 0
        for chunk in self._memory.chunks_of(self._region):
            for address, length in chunk.extents:
                start = max(address, end)  # two chunks share a little
                end = address + length
                wanted = min(end - start, self._most - self.size)
                if wanted < end - start:
                    self.cut = True
                if wanted <= 0:
                    return
                data = self._memory.read(replace(chunk, extents=((start, wanted),))).data
                self.runs.append(DumpedRun(self.size, f"{start:#x}", len(data)))
                self.size += len(data)
                self.hash.update(data)
                yield data


def _write(directory: int, name: str, pieces: Iterator[bytes]) -> None:
    """A new file, or none: what could not be written whole is taken away again."""
    try:
        descriptor = os.open(name, _NEW, 0o600, dir_fd=directory)
    except OSError as error:
        raise DumpRefused(f"no copy of its memory: {name}: {error.strerror}") from None
    done = False
    try:
        with open(descriptor, "wb") as file:
            for data in pieces:
                file.write(data)
        done = True
    except ProcessLookupError:
        raise
    except OSError as error:
        raise DumpRefused(f"no copy of its memory: {name}: {error.strerror}") from None
    finally:
        if not done:
            os.unlink(name, dir_fd=directory)
