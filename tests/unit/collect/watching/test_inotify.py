import os
import struct
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.watching.inotify import IN_CLOSE_WRITE, Inotify, parse_events


def test_a_written_file_is_told_with_its_folder(tmp_path: Path) -> None:
    queue = Inotify()
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        number = queue.watch(folder)
        (tmp_path / "a").write_text("x")
        told = queue.read()
        assert [one.name for one in told if one.mask & IN_CLOSE_WRITE] == [b"a"]
        assert {one.watch for one in told} == {number}
        queue.forget(number)
        queue.read()
        (tmp_path / "b").write_text("x")
        assert queue.read() == []
    finally:
        os.close(folder)
        queue.close()


def test_names_are_bytes_without_padding() -> None:
    raw = struct.pack("iIII", 1, 8, 0, 16) + b"\xff\xfe".ljust(16, b"\0")
    assert [one.name for one in parse_events(raw * 2)] == [b"\xff\xfe"] * 2


@given(st.binary(max_size=300))
def test_no_bytes_break_the_parser(raw: bytes) -> None:
    assert len(parse_events(raw)) <= len(raw) // 16
