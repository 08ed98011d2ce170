"""From the segments of a memory dump to the ranges that workers look at."""

import errno
import os
from collections.abc import Iterable, Iterator

from codered.collect.dumps.checking import OUTSIDE
from codered.collect.dumps.layout import Segment
from codered.scan.tasks import DumpRange

CHUNK = 8 << 20  # bytes of one range
MOST_RANGES = 512  # in one task; a dump may consist of single pages


def join_segments(segments: Iterable[Segment]) -> Iterator[tuple[Segment, str]]:
    """Segments that follow one another both in the file and in memory as one, with the numbers of those it is of."""
    run: Segment | None = None
    last = 0
    for segment in segments:
        if run is not None and segment.number != OUTSIDE and _follows(run, segment):
            run, last = run._replace(size=run.size + segment.size), segment.number
            continue
        if run is not None:
            yield run, _name_numbers(run.number, last)
        run, last = segment, segment.number
    if run is not None:
        yield run, _name_numbers(run.number, last)


def cut_run(run: Segment, numbers: str, descriptor: int, *, sparse: bool) -> Iterator[DumpRange]:
    """The ranges of a run of segments; one that lies in a hole of a sparse file is left out. Raises OSError."""
    at, end = run.offset, run.offset + run.size
    while at < end:
        if sparse:
            data = _find_next(descriptor, at)
            if data is None or data >= end:
                return
            at += (data - at) // CHUNK * CHUNK
        address = None if run.number == OUTSIDE else run.address + at - run.offset
        yield DumpRange(at, min(CHUNK, end - at), address, numbers, run.offset, end)
        at += CHUNK


def batch_ranges(ranges: Iterable[DumpRange]) -> Iterator[list[DumpRange]]:
    """The ranges in tasks of about CHUNK bytes."""
    batch: list[DumpRange] = []
    size = 0
    for part in ranges:
        if batch and (size + part.size > CHUNK or len(batch) == MOST_RANGES):
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += part.size
    if batch:
        yield batch


def _follows(run: Segment, segment: Segment) -> bool:
    return (
        run.number != OUTSIDE
        and segment.offset == run.offset + run.size
        and segment.address == run.address + run.size
    )  # fmt: skip


def _name_numbers(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _find_next(descriptor: int, at: int) -> int | None:
    try:
        return os.lseek(descriptor, at, os.SEEK_DATA)
    except OSError as error:
        return None if error.errno == errno.ENXIO else at
