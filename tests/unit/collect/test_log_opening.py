import gzip
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect import log_opening
from codered.collect.log_opening import LogSource, open_log, split_ranges

FIXTURES = Path(__file__).parents[2] / "fixtures" / "logs"
LINE = b'192.0.2.%d - - [19/Jul/2001:15:38:38 +0000] "GET /%s HTTP/1.0" 404 209\n'


@contextmanager
def opened(path: Path, data: bytes | None = None) -> Iterator[LogSource]:
    if data is not None:
        path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield open_log(descriptor, path.name)
    finally:
        os.close(descriptor)


def read_all(source: LogSource, start: int = 0, end: int = -1) -> bytes:
    return b"".join(chunk.data for chunk in source.chunks(start, end))


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.log")), ids=lambda path: path.name)
def test_no_byte_of_a_real_log_is_lost(path: Path, tmp_path: Path) -> None:
    with opened(path) as source:
        assert read_all(source) == path.read_bytes()
        assert source.first_time() is not None
    with opened(tmp_path / "packed", gzip.compress(path.read_bytes())) as source:
        assert read_all(source) == path.read_bytes()
        assert (source.packing, source.splittable, source.trouble) == ("gz", False, "")


def test_first_time_is_of_the_first_line_that_has_one() -> None:
    with opened(FIXTURES / "iis5-codered1-2001-07.log") as source:
        assert source.first_time() == datetime(2001, 7, 19, 15, 38, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 100, b"no log\n", gzip.compress(b"no log\n"), gzip.compress(b""), b"\x1f\x8b\x08broken"]
)
def test_what_is_no_log(tmp_path: Path, data: bytes) -> None:
    with opened(tmp_path / "x", data) as source:
        assert source.format is None
        assert source.first_time() is None
        with pytest.raises(ValueError, match="no web log"):
            list(source.chunks())


def test_bom_and_missing_newline(tmp_path: Path) -> None:
    line = (LINE % (1, b"a")).rstrip()
    with opened(tmp_path / "x", b"\xef\xbb\xbf" + line) as source:
        chunks = list(source.chunks())
        hit = chunks[0].read(0, len(line))
    assert hit is not None
    assert hit.address == "192.0.2.1"
    assert b"".join(chunk.data for chunk in chunks) == line


def test_a_hole_in_front_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with path.open("wb") as out:
        out.seek(1 << 20)
        out.write(LINE % (1, b"a"))
    with opened(path) as source:
        assert source.format == "access"


def test_a_megabyte_line_is_kept_and_a_giant_one_cut(tmp_path: Path) -> None:
    mega, giant = LINE % (1, b"a" * (1 << 20)), LINE % (2, b"b" * (9 << 20))
    with opened(tmp_path / "x", LINE % (0, b"x") + mega + giant + LINE % (3, b"end") + giant) as source:
        chunks = [chunk.data for chunk in source.chunks()]
    assert max(map(len, chunks)) <= 4 * log_opening.BLOCK
    text = b"".join(chunks)
    assert text.count(b"\n") == 5
    assert mega in text
    assert LINE % (3, b"end") in text
    assert giant not in text
    assert source.cut_lines == 2


def test_cut_archive_gives_what_was_readable_and_says_so(tmp_path: Path) -> None:
    lines = b"".join(LINE % (number % 250, b"%d" % (number * 7919 % 100_003)) for number in range(20_000))
    packed = gzip.compress(lines)
    with opened(tmp_path / "x", packed[: len(packed) // 2]) as source:
        text = read_all(source)
    assert lines.startswith(text)
    assert len(text) > 100_000
    assert source.trouble == "the gz data end too early"


def test_packed_logs_have_no_ranges(tmp_path: Path) -> None:
    with (
        opened(tmp_path / "x", gzip.compress(LINE % (1, b"a"))) as source,
        pytest.raises(ValueError, match="no ranges"),
    ):
        list(source.chunks(0, 10))


@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=20),
    cuts=st.lists(st.integers(0, 3000), max_size=6),
    last=st.booleans(),
)
def test_ranges_hold_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], cuts: list[int], last: bool
) -> None:
    data = b"".join(LINE % (1, b"a" * size) for size in sizes)
    data = data if last else data[:-1]
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    with opened(tmp_path_factory.mktemp("r") / "x", data) as source:
        parts = [read_all(source, start, end) for start, end in itertools.pairwise(edges)]
    assert b"".join(parts) == data
    assert all(part.endswith(b"\n") for part in [part for part in parts if part][:-1])


def test_a_range_knows_the_fields_that_hold_where_it_starts(tmp_path: Path) -> None:
    one = b"#Date: 2001-07-19 00:00:00\n#Fields: time c-ip s-ip cs-uri-stem\n" + b"10:00:00 192.0.2.1 10.0.0.1 /a\n" * 9
    two = b"#Fields: time s-ip c-ip cs-uri-stem\n" + b"10:00:00 10.0.0.1 192.0.2.1 /b\n" * 9
    three = b"#Date: 2001-07-20 00:00:00\n10:00:00 10.0.0.1 192.0.2.1 /c\n"
    data = one + two + three
    with opened(tmp_path / "x", data) as source:
        for start in [*range(1, len(data), 7), *range(5, len(data), 11)]:  # rising, then from the front again
            for chunk in source.chunks(start, len(data)):
                at = 0
                for line in chunk.data.splitlines(keepends=True):
                    hit = chunk.read(at, at + len(line) - 1)
                    at += len(line)
                    if not line.startswith(b"#"):
                        assert hit is not None
                        assert hit.address == "192.0.2.1"
                        assert hit.time == datetime(2001, 7, 20 if b"/c" in line else 19, 10, tzinfo=UTC)


@given(st.integers(0, 1 << 34), st.integers(0, 64))
def test_split_ranges_cover_the_file_once(size: int, parts: int) -> None:
    ranges = split_ranges(size, parts)
    assert [start for start, _ in ranges[1:]] == [end for _, end in ranges[:-1]]
    assert (ranges[0][0], ranges[-1][1]) == (0, size) if size else ranges == []
    assert len(ranges) <= max(parts, 1)


def test_a_long_line_in_tiny_blocks_is_not_copied_for_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    line = LINE % (1, b"a" * 200_000)
    data = LINE % (2, b"b") + line * 3
    tiny = [data[at : at + 16] for at in range(0, len(data), 16)]
    monkeypatch.setattr(log_opening, "unpack", lambda _descriptor, _packing: iter(tiny))
    with opened(tmp_path / "x.gz", gzip.compress(data)) as source:
        chunks = [chunk.data for chunk in source.chunks()]
    assert b"".join(chunks) == data
    assert len(chunks) == 1  # joined once, not at every line end that a tiny block brings


@pytest.mark.parametrize("nuls", [100, 70_000, 7 << 20])
def test_a_hole_that_was_written_out_hides_no_line(tmp_path: Path, nuls: int) -> None:
    with opened(tmp_path / "x", b"\0" * nuls + LINE % (1, b"a") + LINE % (2, b"b")) as source:
        assert source.format == "access"
        assert read_all(source).lstrip(b"\0") == LINE % (1, b"a") + LINE % (2, b"b")
        assert source.cut_lines == 0
