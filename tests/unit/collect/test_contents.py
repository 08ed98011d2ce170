import ctypes
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect import contents
from codered.collect.contents import decode_utf16, is_mostly_text, is_text, keep_freed_memory, read_pieces
from codered.model.observation import Piece


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of 64 KiB with an overlap of 4 KiB in place of 64 MiB and 64 KiB."""
    monkeypatch.setattr(contents, "WHOLE", 64 << 10)
    monkeypatch.setattr(contents, "OVERLAP", 4 << 10)


def read(path: Path, size: int | None = None) -> list[Piece]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return list(read_pieces(descriptor, path.stat().st_size if size is None else size))
    finally:
        os.close(descriptor)


def join(pieces: list[Piece]) -> bytes:
    """The file again; where pieces overlap they must agree."""
    whole = bytearray()
    for piece in pieces:
        assert piece.offset <= len(whole), "a part was left out"
        assert whole[piece.offset :] == piece.data[: len(whole) - piece.offset]
        whole[piece.offset :] = piece.data
    return bytes(whole)


@pytest.mark.parametrize("data", [b"", b"x", b"\0" * 100, b"MARK" * 1000])
def test_a_small_file_is_one_piece(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    assert read(tmp_path / "file") == [Piece(0, data)]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("size", [65536, 65537, 126976, 126977, 200_000])
def test_a_large_file_is_read_whole_in_overlapping_pieces(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    pieces = read(tmp_path / "file")
    assert join(pieces) == data
    assert all(len(piece.data) <= 64 << 10 for piece in pieces)
    assert all(b.offset + (4 << 10) == a.offset + len(a.data) for a, b in pairwise(pieces))
    assert (len(pieces) == 1) == (size <= 65536)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("shift", [-4096, -2048, -1, 0, 1])
def test_a_sign_on_a_boundary_is_seen_whole(tmp_path: Path, shift: int) -> None:
    sign = b"S" * 4096
    at = (64 << 10) + shift
    (tmp_path / "file").write_bytes(b"." * at + sign + b"." * 100_000)
    assert any(sign in piece.data and piece.offset + piece.data.index(sign) == at for piece in read(tmp_path / "file"))


def test_real_pieces_overlap_by_more_than_a_pattern_needs() -> None:
    assert contents.WHOLE == 64 << 20
    assert 64 << 10 <= contents.OVERLAP < contents.WHOLE


def test_of_a_sparse_giant_only_the_data_is_read(tmp_path: Path) -> None:
    with open(tmp_path / "giant", "wb") as file:
        file.truncate(1 << 40)
        for at in (0, 1 << 35, (1 << 40) - 4):
            file.seek(at)
            file.write(b"MARK")
    pieces = read(tmp_path / "giant")
    found = [piece.offset + piece.data.index(b"MARK") for piece in pieces if b"MARK" in piece.data]
    assert found == [0, 1 << 35, (1 << 40) - 4]
    assert sum(len(piece.data) for piece in pieces) < 1 << 20


@pytest.mark.parametrize(
    ("most", "expected"),
    [(1 << 30, [(0, 4), (10, 1)]), (5 << 10, [(0, 2), (3, 1), (10, 1)])],
    ids=["filled", "too much of them"],
)
def test_small_holes_are_read_as_nuls_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, expected: list[tuple[int, int]]
) -> None:
    monkeypatch.setattr(contents, "WHOLE", 60 << 10)
    monkeypatch.setattr(contents, "SMALL_HOLE", 20 << 10)
    monkeypatch.setattr(contents, "MOST_FILLED", most)
    block = 4096
    whole = bytearray(100 * block)
    with open(tmp_path / "file", "wb") as file:
        file.truncate(100 * block)
        for at in (1, 3, 10):  # holes of one block, one block and six blocks
            file.seek(at * block)
            file.write(b"x" * block)
            whole[at * block : (at + 1) * block] = b"x" * block
    pieces = read(tmp_path / "file")
    assert [(piece.offset // block, len(piece.data) // block) for piece in pieces] == expected
    assert all(piece.data == whole[piece.offset : piece.offset + len(piece.data)] for piece in pieces)


def test_a_giant_of_nothing_is_nothing(tmp_path: Path) -> None:
    with open(tmp_path / "giant", "wb") as file:
        file.truncate(1 << 40)
    assert read(tmp_path / "giant") == []


@pytest.mark.usefixtures("small")
def test_where_holes_are_unknown_everything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100_000)

    def refuse(*_: int) -> int:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "lseek", refuse)
    assert join(read(tmp_path / "file")) == b"x" * 100_000


@pytest.mark.parametrize("left", [0, 10])
def test_a_small_file_that_shrank(tmp_path: Path, left: int) -> None:
    (tmp_path / "file").write_bytes(b"x" * left)
    assert read(tmp_path / "file", size=1000) == [Piece(0, b"x" * left)]


def test_a_file_that_grew_is_read_as_far_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 1000)
    assert read(tmp_path / "file", size=10) == [Piece(0, b"x" * 10)]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("left", [0, 1, 61440, 61441, 63000, 65536, 65600, 100_000])
def test_a_large_file_that_shrinks_ends_where_it_ends(tmp_path: Path, left: int) -> None:
    """And it must not be read again byte by byte: an attacker could make that last for hours."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 500_000)
    pieces = []
    with open(path, "r+b") as file:
        for piece in read_pieces(file.fileno(), 500_000):
            pieces.append(piece)
            os.ftruncate(file.fileno(), left)
    assert pieces[0] == Piece(0, b"x" * 65536)
    assert max(piece.offset + len(piece.data) for piece in pieces) == max(left, 65536)
    assert len(pieces) <= 3


def test_short_reads_are_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = os.urandom(1000)
    (tmp_path / "file").write_bytes(data)
    real = os.pread
    monkeypatch.setattr(os, "pread", lambda descriptor, size, offset: real(descriptor, min(size, 300), offset))
    assert read(tmp_path / "file") == [Piece(0, data)]


def test_an_error_in_the_middle_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"x")

    def fail(*_: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(OSError, match="Input/output"):
        read(tmp_path / "file")


@pytest.mark.parametrize(
    ("head", "text"),
    [
        (b"", True),
        (b"<?php echo 1;", True),
        (b"\xff\xfe\xfd", True),
        (b"a\0b", False),
        (b"a" * 8191 + b"\0", False),
        (b"a" * 8192 + b"\0", True),
    ],
)
def test_a_nul_in_the_first_8_kib_makes_a_file_binary(head: bytes, text: bool) -> None:
    assert is_text(head) is text


@pytest.mark.parametrize(
    ("head", "mostly"),
    [
        (b"<html><body>\0text", True),
        (b"\0" * 8 + b"x", True),
        (b"\0" * 9 + b"x" * 200, False),
        (b"\x01" * 9 + b"x" * 200, False),
        (b"\0" * 256 + b"\n" * 8192, True),
        (b"\0" * 257 + b"\n" * 8192, False),
        (bytes(range(256)) * 32, False),
        ("Gr\u00fc\u00dfe \u4e2d\u6587\0\r\n\t\f\x1b".encode() * 5, True),
        (b"x" * 8192 + b"\0" * 8192, True),
    ],
)
def test_a_few_nuls_leave_a_file_mostly_text(head: bytes, mostly: bool) -> None:
    assert is_mostly_text(head) is mostly


@pytest.mark.parametrize("kind", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_its_mark_becomes_utf_8(kind: str) -> None:
    data = ("\ufeff<html>\u00fc\U0001f41b</html>").encode(kind)
    assert decode_utf16(data) == "<html>\u00fc\U0001f41b</html>".encode()
    assert decode_utf16(data + b"x") == "<html>\u00fc\U0001f41b</html>".encode()


def test_what_is_no_utf_16_is_not_decoded() -> None:
    assert decode_utf16(b"<html>") is None
    assert decode_utf16(b"") is None


@given(data=st.binary(max_size=300))
def test_any_bytes_behind_a_mark_can_be_decoded(data: bytes) -> None:
    decoded = decode_utf16(b"\xff\xfe" + data)
    assert decoded is not None
    decoded.decode()


def test_keeping_freed_memory_is_told_to_the_allocator_or_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []

    class Library:
        def mallopt(self, what: int, value: int) -> int:
            told.append((what, value))
            return 1

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Library())
    keep_freed_memory()
    assert told == [(-3, 16 << 20), (-1, 16 << 20)]
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    keep_freed_memory()
    assert len(told) == 2


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "WHOLE", 100)
        patch.setattr(contents, "OVERLAP", 10)
        yield tmp_path_factory.mktemp("scratch") / "file"


@given(data=st.binary(max_size=2000))
def test_pieces_make_the_file_again(scratch: Path, data: bytes) -> None:
    scratch.write_bytes(data)
    assert join(read(scratch)) == data
