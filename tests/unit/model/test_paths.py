import os

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codered.model.paths import FilePath, path_from_bytes, path_from_text


@given(st.binary(max_size=300))
@example(b"/tmp/\xff\n\x1b[31m")
@example(b"\xed\xa0\x80")  # half a surrogate pair, as a hostile NTFS volume has it
def test_no_byte_is_lost_on_the_way_through_a_report(name: bytes) -> None:
    path = path_from_bytes(name)
    assert path.to_bytes() == name
    assert msgspec.json.decode(msgspec.json.encode(path), type=FilePath) == path
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(path), type=FilePath) == path


@given(st.binary(max_size=100).filter(lambda name: b"\0" not in name))
def test_the_command_line_and_the_kernel_mean_the_same_file(name: bytes) -> None:
    assert path_from_text(os.fsdecode(name)) == path_from_bytes(name)


def test_text_that_is_exact_carries_no_bytes() -> None:
    assert path_from_bytes("/srv/Ünïcode".encode()) == FilePath("/srv/Ünïcode", None)
    assert b"raw" not in msgspec.json.encode(path_from_bytes(b"/srv/a"))


def test_odd_bytes_are_shown_and_kept() -> None:
    assert path_from_bytes(b"/a\xff") == FilePath("/a\\xff", b"/a\xff")


def test_files_that_look_alike_are_not_the_same() -> None:
    odd, literal = path_from_bytes(b"/a\xff"), path_from_bytes(b"/a\\xff")
    assert odd.text == literal.text
    assert odd != literal
    assert odd.to_bytes() != literal.to_bytes()


def test_a_path_can_not_be_changed() -> None:
    with pytest.raises(AttributeError):
        path_from_bytes(b"/a").text = "/b"  # type: ignore[misc]
