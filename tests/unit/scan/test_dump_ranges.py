import os
from pathlib import Path

from codered.collect.dumps.layout import Segment
from codered.scan.dump_ranges import CHUNK, MOST_RANGES, batch_ranges, cut_run, join_segments
from codered.scan.tasks import DumpRange


def test_segments_are_joined_where_file_and_memory_both_go_on() -> None:
    segments = [
        Segment(1, 0, 0x1000, 10), Segment(2, 10, 0x100A, 5), Segment(3, 15, 0x100F, 5),
        Segment(4, 20, 0x9000, 5), Segment(5, 30, 0x9005, 5),
        Segment(0, 35, 35, 5), Segment(0, 40, 40, 5),
    ]  # fmt: skip
    assert list(join_segments(segments)) == [
        (Segment(1, 0, 0x1000, 20), "1 to 3"),
        (Segment(4, 20, 0x9000, 5), "4"),
        (Segment(5, 30, 0x9005, 5), "5"),
        (Segment(0, 35, 35, 5), "0"),
        (Segment(0, 40, 40, 5), "0"),
    ]
    assert list(join_segments([])) == []


def test_a_run_is_cut_into_ranges_that_know_the_run() -> None:
    size = CHUNK + 7
    assert list(cut_run(Segment(3, 100, 0x5000, size), "3", -1, sparse=False)) == [
        DumpRange(100, CHUNK, 0x5000, "3", 100, 100 + size),
        DumpRange(100 + CHUNK, 7, 0x5000 + CHUNK, "3", 100, 100 + size),
    ]
    (outside,) = cut_run(Segment(0, 100, 100, 50), "0", -1, sparse=False)
    assert outside.address is None


def test_ranges_in_holes_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(20 * CHUNK)
        file.seek(5 * CHUNK + 10)
        file.write(b"data")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = list(cut_run(Segment(1, 0, 0x1000, 20 * CHUNK), "1", descriptor, sparse=True))
        assert [(part.offset, part.address) for part in found] == [(5 * CHUNK, 0x1000 + 5 * CHUNK)]
        assert list(cut_run(Segment(1, 0, 0, 4 * CHUNK), "1", descriptor, sparse=True)) == []
    finally:
        os.close(descriptor)


def test_where_holes_can_not_be_told_everything_is_dealt_out() -> None:
    reader, writer = os.pipe()
    try:
        assert len(list(cut_run(Segment(1, 0, 0, CHUNK), "1", reader, sparse=True))) == 1
    finally:
        os.close(reader)
        os.close(writer)


def test_small_ranges_share_a_task() -> None:
    def part(size: int) -> DumpRange:
        return DumpRange(0, size, 0, "1", 0, size)

    assert [len(batch) for batch in batch_ranges(part(1) for _ in range(MOST_RANGES + 1))] == [MOST_RANGES, 1]
    assert [len(batch) for batch in batch_ranges([part(CHUNK), part(1), part(CHUNK - 1), part(1)])] == [1, 2, 1]
    assert list(batch_ranges([])) == []
