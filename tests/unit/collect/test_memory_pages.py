import ctypes
import mmap
import os
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect import memory_pages
from codered.collect.memory_pages import (
    CHUNK,
    OVERLAP,
    PAGE,
    Chunk,
    Extent,
    MemorySummary,
    cut_chunks,
    find_runs,
)

PRESENT, SWAPPED, FILE = 0x80, 0x40, 0x20
MAKE = partial(Chunk, 0, 3, 0)


def runs(folder: Path, tops: list[int], *, written: bool = False, end: int | None = None) -> tuple[list[Extent], int]:
    """The runs in page numbers, and how many pages are swapped out."""
    file = folder / "pagemap"
    file.write_bytes(b"".join(bytes(7) + bytes((top,)) for top in tops))
    summary = MemorySummary()
    descriptor = os.open(file, os.O_RDONLY)
    try:
        found = list(find_runs(descriptor, 0, (len(tops) if end is None else end) * PAGE, written, summary))
    finally:
        os.close(descriptor)
    return [(start // PAGE, length // PAGE) for start, length in found if length], summary.swapped


def test_only_pages_that_are_present_are_read(tmp_path: Path) -> None:
    tops = [0, PRESENT, PRESENT | 1, 0, PRESENT | FILE, SWAPPED, PRESENT]
    assert runs(tmp_path, tops) == ([(1, 2), (4, 1), (6, 1)], 1)


def test_of_a_file_only_what_was_written(tmp_path: Path) -> None:
    tops = [PRESENT | FILE, PRESENT, SWAPPED | FILE, SWAPPED, 0, PRESENT | FILE]
    assert runs(tmp_path, tops, written=True) == ([(1, 1)], 2)


def test_a_page_both_present_and_swapped_is_not_touched(tmp_path: Path) -> None:
    assert runs(tmp_path, [PRESENT | SWAPPED]) == ([], 1)


def test_a_pagemap_that_ends_early_ends_the_search(tmp_path: Path) -> None:
    assert runs(tmp_path, [0, PRESENT], end=1_000_000) == ([(1, 1)], 0)


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("most", [1, 4096])
def test_our_own_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, asked: bool, most: int) -> None:
    """The same by the newer way of asking the system, if it has that, and by the older one."""
    monkeypatch.setattr(memory_pages, "_MOST_FOUND", most)
    if not asked:
        monkeypatch.setattr(memory_pages, "_PAGEMAP_SCAN", 0)
    file = tmp_path / "file"
    file.write_bytes(bytes(64 * PAGE))
    with file.open("r+b") as opened:
        area = mmap.mmap(opened.fileno(), 64 * PAGE, flags=mmap.MAP_PRIVATE)
    area.madvise(mmap.MADV_RANDOM)
    for page in (3, 4, 63):
        area[page * PAGE] = 1
    assert area[10 * PAGE] == 0  # present, but still the file's
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    pagemap = os.open("/proc/self/pagemap", os.O_RDONLY)
    try:
        found = list(find_runs(pagemap, start, start + 64 * PAGE, True, MemorySummary()))
        anyway = list(find_runs(pagemap, start, start + 64 * PAGE, False, MemorySummary()))
        assert not any(length for _, length in find_runs(pagemap, start, start, False, MemorySummary()))
    finally:
        os.close(pagemap)
    assert [((at - start) // PAGE, length // PAGE) for at, length in found if length] == [(3, 2), (63, 1)]
    present = {(at - start) // PAGE + n for at, length in anyway for n in range(length // PAGE)}
    assert {3, 4, 10, 63} <= present


def test_a_run_goes_on_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_pages, "_BLOCK", 3)
    tops = [0, 0, PRESENT, PRESENT, PRESENT, PRESENT, PRESENT, 0, 0, 0, 0, 0, PRESENT]
    assert runs(tmp_path, tops)[0] == [(2, 5), (12, 1)]


@given(tops=st.lists(st.sampled_from([0, PRESENT, SWAPPED, PRESENT | FILE]), max_size=40), block=st.integers(1, 9))
def test_the_runs_are_exactly_the_pages(tmp_path_factory: pytest.TempPathFactory, tops: list[int], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory_pages, "_BLOCK", block)
        found, swapped = runs(tmp_path_factory.mktemp("pages"), tops)
    assert [page for start, length in found for page in range(start, start + length)] == [
        number for number, top in enumerate(tops) if top & PRESENT
    ]
    assert swapped == tops.count(SWAPPED)
    assert all(start + length < after for (start, length), (after, _) in pairwise(found))


def test_chunks_share_a_little_where_a_run_is_cut() -> None:
    chunks = list(cut_chunks(iter([(0, 2 * CHUNK + 5)]), MAKE))
    assert [chunk.extents for chunk in chunks] == [
        ((0, CHUNK + OVERLAP),),
        ((CHUNK, CHUNK + 5),),
        ((2 * CHUNK, 5),),
    ]


def test_small_runs_share_a_chunk_and_nothing_is_empty() -> None:
    chunks = list(cut_chunks(iter([(0, PAGE), (5 * PAGE, 0), (9 * PAGE, PAGE), (CHUNK, CHUNK)]), MAKE))
    assert [chunk.extents for chunk in chunks] == [
        ((0, PAGE), (9 * PAGE, PAGE), (CHUNK, CHUNK - 2 * PAGE + OVERLAP)),
        ((2 * CHUNK - 2 * PAGE, 2 * PAGE),),
    ]
    assert list(cut_chunks(iter([(0, 0)]), MAKE)) == []


@given(st.lists(st.integers(1, 3000), max_size=12))
def test_chunks_hold_every_byte_and_join_to_what_they_were(pages: list[int]) -> None:
    gap, start, given_runs = 7 * PAGE, 0, []
    for count in pages:
        given_runs.append((start, count * PAGE))
        start += count * PAGE + gap
    chunks = list(cut_chunks(iter(given_runs), MAKE))
    assert all(sum(length for _, length in chunk.extents) <= CHUNK + OVERLAP for chunk in chunks)
    whole = chunks[0] if chunks else None
    for chunk in chunks[1:]:
        assert whole
        whole = whole.join(chunk)
    assert list(whole.extents if whole else ()) == given_runs


def test_chunks_that_do_not_touch_are_joined_side_by_side() -> None:
    one, two = MAKE(((0, PAGE),)), MAKE(((4 * PAGE, PAGE),))
    assert one.join(two).extents == ((0, PAGE), (4 * PAGE, PAGE))
