"""Pages of a file: what differs, written in place, taken back, and recognised when a write was interrupted."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.remediate.pages import PAGE, PageChange, look_at_pages, plan_pages, write_pages

CASES = {
    "first page": (b"a" * 3 * PAGE, b"b" + b"a" * (3 * PAGE - 1)),
    "grows": (b"a" * (PAGE + 10), b"a" * PAGE + b"c" * (2 * PAGE)),
    "shrinks": (b"a" * (3 * PAGE + 1), b"a" * (PAGE + 7)),
    "shrinks to a whole page": (b"a" * (3 * PAGE), b"a" * PAGE),
    "from nothing": (b"", b"x" * (PAGE + 1)),
    "to nothing": (b"x" * (PAGE + 1), b""),
}


@pytest.mark.parametrize("case", CASES)
def test_there_and_back(tmp_path: Path, case: str) -> None:
    before, after = CASES[case]
    pages = plan_pages(before, after)
    fd = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    try:
        os.write(fd, before)
        for _ in range(2):  # again after a crash
            write_pages(fd, pages)
            assert (tmp_path / "file").read_bytes() == after
            assert look_at_pages(fd, pages) == "after"
        for _ in range(2):
            write_pages(fd, pages, undo=True)
            assert (tmp_path / "file").read_bytes() == before
            assert look_at_pages(fd, pages) == "before"
    finally:
        os.close(fd)


@given(st.binary(max_size=3 * PAGE), st.binary(max_size=3 * PAGE), st.integers(0, 3))
def test_any_write_that_was_cut_short_is_mixed_and_comes_back(before: bytes, after: bytes, done: int) -> None:
    pages = plan_pages(before, after)
    fd = os.memfd_create("file")
    try:
        os.write(fd, before)
        for page in pages[:done]:
            os.pwrite(fd, page.after, page.offset)
        for page in pages[done : done + 1]:
            os.pwrite(fd, page.after[: len(page.after) // 2], page.offset)
        assert not pages or look_at_pages(fd, pages) in ("before", "mixed", "after")
        write_pages(fd, pages, undo=True)
        assert os.pread(fd, len(before) + 1, 0) == before
    finally:
        os.close(fd)


def test_only_what_differs_is_written_and_the_first_page_last(monkeypatch: pytest.MonkeyPatch) -> None:
    before = b"h" + b"a" * (4 * PAGE)
    after = b"H" + b"a" * (2 * PAGE) + b"B" + before[2 * PAGE + 2 :]
    pages = plan_pages(before, after)
    assert [page.offset for page in pages] == [0, 2 * PAGE]
    written: list[int] = []

    def note(_: int, data: bytes, at: int) -> int:
        written.append(at)
        return len(data)

    monkeypatch.setattr(os, "pwrite", note)
    fd = os.memfd_create("file")
    try:
        write_pages(fd, pages)
    finally:
        os.close(fd)
    assert written == [2 * PAGE, 0]


def test_what_somebody_else_wrote_is_seen() -> None:
    fd = os.memfd_create("file")
    try:
        os.write(fd, b"somebody else's")
        assert look_at_pages(fd, (PageChange(0, b"old content....", b"new content...."),)) == "other"
        assert look_at_pages(fd, (PageChange(0, b"old", b"new"),)) == "other"
    finally:
        os.close(fd)
