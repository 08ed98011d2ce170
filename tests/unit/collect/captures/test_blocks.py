import gzip
import os
import random
from pathlib import Path

from codered.collect.captures.blocks import PIECE, read_pieces
from codered.collect.captures.counts import FileCounts
from codered.collect.log_unpacking import Packing

DATA = random.Random(1).randbytes(3 * PIECE + 5)


def read(path: Path, data: bytes, packing: Packing) -> tuple[list[bytes], FileCounts]:
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    counts = FileCounts()
    try:
        return list(read_pieces(descriptor, packing, counts)), counts
    finally:
        os.close(descriptor)


def test_plain_and_packed(tmp_path: Path) -> None:
    for data, packing in ((DATA, "plain"), (gzip.compress(DATA), "gz")):
        pieces, counts = read(tmp_path / "file", data, packing)  # type: ignore[arg-type]
        assert b"".join(pieces) == DATA
        assert all(len(piece) >= PIECE for piece in pieces[:-1])
        assert counts.plain


def test_tiny_members_come_together(tmp_path: Path) -> None:
    pieces, _ = read(tmp_path / "file", gzip.compress(b"ab") * 2000, "gz")
    assert pieces == [b"ab" * 2000]


def test_an_early_end_is_told(tmp_path: Path) -> None:
    pieces, counts = read(tmp_path / "file", gzip.compress(DATA)[:-PIECE], "gz")
    assert DATA.startswith(b"".join(pieces))
    assert sum(map(len, pieces)) > PIECE
    assert "end too early" in counts.ended
    assert not counts.plain
