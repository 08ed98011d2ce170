import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.paths import FilePath
from codered.model.plan import LineChange
from codered.remediate import lines
from codered.remediate.file_state import ChangeFailed, TooLarge
from codered.remediate.lines import (
    change_lines,
    find_line,
    foresee,
    hash_line,
    make_change,
    read_content,
    read_data,
    show_line,
    split_lines,
)
from tests.fixtures.changing import FolderTarget


def change(data: bytes, number: int, becomes: bytes | None = None) -> bytes:
    return change_lines(data, (make_change(split_lines(data), number, becomes),))


def path_of(target: FolderTarget, rel: str) -> FilePath:
    return FilePath(f"{target.info.root}/{rel}")


@given(st.binary(max_size=300))
def test_lines_joined_are_the_data_and_are_numbered_as_collectors_do(data: bytes) -> None:
    found = split_lines(data)
    assert b"".join(found) == data
    assert [line.removesuffix(b"\n") for line in found] == data.split(b"\n")[: len(found)]


@pytest.mark.parametrize(
    ("data", "number", "left"),
    [
        (b"a\nb\nc\n", 2, b"a\nc\n"),
        (b"a\nb", 2, b"a\n"),
        (b"a", 1, b""),
        (b"a\r\nb\r\n", 1, b"b\r\n"),
        (b"a\n\0\x1b[2J\0\nc", 2, b"a\nc"),
        (b"x" * 1_000_000 + b"\nb\n", 1, b"b\n"),
        (b"same\nother\nsame\n", 3, b"same\nother\n"),
        (b"\n\n\n", 2, b"\n\n"),
    ],
)
def test_a_line_goes_with_its_end(data: bytes, number: int, left: bytes) -> None:
    assert change(data, number) == left


def test_a_line_becomes_another_and_keeps_its_end() -> None:
    assert change(b"a\nb\nc", 2, b"new") == b"a\nnew\nc"
    assert change(b"a\nb", 2, b"new") == b"a\nnew"


def test_several_lines_at_once() -> None:
    data = b"1\n2\n3\n4\n"
    both = split_lines(data)
    assert change_lines(data, (make_change(both, 3), make_change(both, 1), make_change(both, 4, b"x"))) == b"2\nx\n"


@given(st.lists(st.binary(max_size=8).filter(lambda line: b"\n" not in line), min_size=1, max_size=8), st.data())
def test_nothing_else_changes(parts: list[bytes], data: st.DataObject) -> None:
    body = b"".join(part + b"\n" for part in parts)
    number = data.draw(st.integers(1, len(parts)))
    assert change(body, number) == b"".join(part + b"\n" for at, part in enumerate(parts, 1) if at != number)


def test_a_change_of_another_line_is_refused() -> None:
    odd = LineChange(line=2, sha256="0" * 64, shown="")
    for number in (0, 2, 9):
        with pytest.raises(ChangeFailed, match="is not the one the plan means"):
            change_lines(b"a\nb\n", (LineChange(line=number, sha256=odd.sha256, shown=""),))


def test_a_line_is_found_again_only_if_it_can_be_no_other() -> None:
    known = hash_line(b"evil\n")
    assert known == hashlib.sha256(b"evil").hexdigest()
    assert find_line([b"evil\n", b"a\n"], 1, known) == 1
    assert find_line([b"new\n", b"a\n", b"evil"], 1, known) == 3
    assert find_line([b"evil\n", b"evil\n"], 2, known) == 2
    with pytest.raises(ChangeFailed, match="2 lines are the same"):
        find_line([b"evil\n", b"evil\n", b"a\n"], 3, known)
    with pytest.raises(ChangeFailed, match="gone or changed"):
        find_line([b"a\n"], 1, known)
    with pytest.raises(ChangeFailed, match="gone or changed"):
        find_line([], 0, known)


def test_a_shown_line_loses_nothing_and_ends() -> None:
    assert show_line(b"\xff\0a") == "\\xff\0a"
    assert len(show_line(b"a" * 10_000)) == 513


def test_the_state_that_will_be(target: FolderTarget, root: Path) -> None:
    (root / "tab").write_bytes(b"a\nb\n")
    content = read_content(path_of(target, "tab"), target)
    outcome = foresee(content, (make_change(split_lines(content.data), 1),))
    assert (outcome.sha256, outcome.size, outcome.mtime_ns) == (hashlib.sha256(b"b\n").hexdigest(), 2, 0)
    assert (outcome.mode, outcome.uid, outcome.gid) == (content.state.mode, content.state.uid, content.state.gid)


def test_what_is_no_file_to_edit(target: FolderTarget, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "link").symlink_to("www/index.html")
    os.mkfifo(root / "fifo")
    for name in ("link", "fifo", "www"):
        with pytest.raises(ChangeFailed, match="it is a link, a folder or a special file now"):
            read_content(path_of(target, name), target)
    with pytest.raises(ChangeFailed, match="it is gone"):
        read_content(path_of(target, "none"), target)
    monkeypatch.setattr(lines, "MOST_BYTES", 4)
    with pytest.raises(TooLarge, match="edit it by hand"):
        read_content(path_of(target, "www/index.html"), target)


def test_all_of_a_file_is_read(root: Path) -> None:
    fd = os.open(root / "www/index.html", os.O_RDONLY)
    assert read_data(fd) == b"hello"
    os.close(fd)
