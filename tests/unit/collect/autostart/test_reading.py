import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.collect.autostart.reading import MOST_BYTES, Reader, as_text, join
from codered.targets import open_target


def reader_of(root: Path) -> Reader:
    return Reader(open_target(str(root)))


def test_a_file_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\nb")
    (tmp_path / "x").chmod(0o640)
    reader = reader_of(tmp_path)
    file = reader.read(b"x")
    assert file is not None
    assert (file.data, file.cut, file.size, file.mode, file.uid) == (b"a\nb", False, 3, 0o640, os.getuid())
    assert file.sha256 == hashlib.sha256(b"a\nb").hexdigest()
    assert list(file.lines()) == [(1, b"a"), (2, b"b")]
    assert abs((datetime.now(UTC) - file.changed).total_seconds()) < 3600
    assert (reader.files, reader.bytes, reader.unread) == (1, 3, [])


def test_what_is_not_there_is_nothing_and_what_is_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    reader = reader_of(tmp_path)
    assert reader.read(b"gone") is None
    assert reader.read(b"gone/x") is None
    assert reader.list(b"gone") == []
    assert reader.unread == []
    assert reader.read(b"fifo") is None
    assert [item.rel for item in reader.unread] == [b"fifo"]


def test_a_large_file_is_cut_and_said(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a" * (MOST_BYTES + 1))
    reader = reader_of(tmp_path)
    file = reader.read(b"x")
    assert file is not None
    assert (len(file.data), file.cut, file.sha256, file.size) == (MOST_BYTES, True, "", MOST_BYTES + 1)
    assert ["larger than 1 MiB" in item.why for item in reader.unread] == [True]
    start = reader.read_start(b"x", 10)
    assert start is not None
    assert (start.data, start.cut, len(reader.unread)) == (b"a" * 10, True, 1)


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    reader = reader_of(tmp_path)
    assert reader.read(b"link") is None
    assert reader.read_link(b"link") == b"file"
    assert reader.read_link(b"file") is None
    assert reader.read_link(b"gone/x") is None
    assert reader.unread == []
    status = reader.stat(b"link")
    assert status is not None
    assert status.st_size == 4
    assert reader.stat(b"gone") is None
    assert reader.stat(b"") is not None


def test_a_folder_is_listed_by_name_with_odd_names_as_bytes(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / os.fsdecode(b"\xff\n")).write_text("")
    (tmp_path / "b/a").symlink_to("x")
    (tmp_path / "b/d").mkdir()
    found = reader_of(tmp_path).list(b"b")
    assert [(e.rel, e.is_file, e.is_folder, e.is_link) for e in found] == [
        (b"b/a", False, False, True),
        (b"b/d", False, True, False),
        (b"b/\xff\n", True, False, False),
    ]


def test_a_folder_with_too_many_names_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.autostart.reading.MOST_ENTRIES", 2)
    for name in "abc":
        (tmp_path / name).write_text("")
    reader = reader_of(tmp_path)
    assert len(reader.list(b"")) == 2
    assert ["more than 2 names" in item.why for item in reader.unread] == [True]


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("a.conf", "b.txt"):
        (tmp_path / name).write_text(name)
    (tmp_path / "c.conf").mkdir()
    assert [file.rel for file in reader_of(tmp_path).read_all(b"", b".conf")] == [b"a.conf"]


def test_a_path_on_the_machine_that_runs_the_tool(tmp_path: Path) -> None:
    assert reader_of(tmp_path).path(b"etc/\xff").to_bytes() == os.fsencode(tmp_path) + b"/etc/\xff"


def test_text_of_hostile_bytes() -> None:
    assert as_text(b"a\xff\x1b", 2) == "a\\xff"
    assert (join(b"", b"x"), join(b"a", b"x")) == (b"x", b"a/x")


def test_what_is_missed_is_remembered(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    reader.miss(b"x", "why")
    assert [(item.rel, item.state, item.why) for item in reader.unread] == [(b"x", "failed", "why")]


def test_no_file_has_a_name_with_a_nul(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    assert (reader.read(b"a\0b"), reader.stat(b"a\0/b"), reader.read_link(b"a\0b"), reader.list(b"\0")) == (
        None,
        None,
        None,
        [],
    )
    assert reader.unread == []
