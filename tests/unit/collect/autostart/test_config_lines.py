"""Configuration files by their lines."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.config_lines import MOST_LINE, drop_between, read_lines
from codered.collect.autostart.reading import SmallFile


def small(data: bytes) -> SmallFile:
    return SmallFile(b"etc/x", data, False, "", len(data), 0o644, 0, datetime(2026, 1, 1, tzinfo=UTC))


def test_comments_and_blank_lines_are_left_out_and_numbers_kept() -> None:
    lines = list(read_lines(small(b"# no\n\n  a b\r\n; c\n")))
    assert [(line.number, line.raw, line.text) for line in lines] == [(3, b"  a b\r", "a b"), (4, b"; c", "; c")]
    assert [line.number for line in read_lines(small(b"# no\n;c\nd"), ("#", ";"))] == [3]


def test_a_joined_line_has_no_number_of_its_own() -> None:
    first, second = read_lines(small(b"ann ALL=(ALL) \\\n NOPASSWD: ALL\nx\n"))
    assert (first.number, first.text) == (0, "ann ALL=(ALL)  NOPASSWD: ALL")
    assert (second.number, second.text) == (3, "x")
    (open_end,) = read_lines(small(b"a \\"))
    assert (open_end.number, open_end.text) == (0, "a")
    assert list(read_lines(small(b"\\"))) == []


def test_a_long_line_is_looked_at_only_at_its_start() -> None:
    (line,) = read_lines(small(b"x" * (1 << 20)))
    assert len(line.text) == MOST_LINE
    assert len(line.raw) == 1 << 20


@given(st.binary(max_size=300))
def test_any_bytes_give_lines_that_stand_there(data: bytes) -> None:
    found = data.split(b"\n")
    for line in read_lines(small(data)):
        assert not line.number or found[line.number - 1] == line.raw


def test_what_stands_between_marks_is_dropped() -> None:
    assert drop_between(b"a<!--b-->c<!--d", b"<!--", b"-->") == b"ac"
    assert drop_between(b"/* " * 200_000, b"/*", b"*/") == b""
    assert drop_between(b"plain", b"/*", b"*/") == b"plain"
