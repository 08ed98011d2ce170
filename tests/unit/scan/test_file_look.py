import os
from pathlib import Path

import msgspec
import pytest

from codered.collect.vanished import CHANGED
from codered.collect.walking import Unwalked, stamp_of
from codered.scan.file_look import FileLook
from codered.scan.tasks import CleanRecord, LogSeen

LATER = 1 << 62


@pytest.fixture
def status(tmp_path: Path) -> os.stat_result:
    (tmp_path / "one").write_bytes(b"1")
    return (tmp_path / "one").stat()


def records(look: FileLook) -> dict[bytes, CleanRecord]:
    return {item.rel: msgspec.msgpack.decode(item.record, type=CleanRecord) for item in look.done().clean}


def test_clean_files_and_folders_go_with_their_folder(status: os.stat_result) -> None:
    look = FileLook(3, LATER)
    look.begin_files(status.st_dev)
    look.note_clean_file(b"one", status)
    look.note_clean_folder(b"inner")
    look.end_folder(b"a")
    look.note_clean_folder(b"other")
    look.end_folder(b"b")
    look.end_folder(b"c")
    assert records(look) == {
        b"a": CleanRecord(status.st_dev, {b"one": stamp_of(status)}, frozenset([b"inner"])),
        b"b": CleanRecord(0, {}, frozenset([b"other"])),
    }
    assert [item.device for item in look.done().clean] == [status.st_dev, 0]
    assert look.done().number == 3


@pytest.mark.parametrize("settled", [0, 1])
def test_what_changed_too_late_is_left_out(status: os.stat_result, settled: int) -> None:
    look = FileLook(1, settled)
    look.begin_files(status.st_dev)
    look.note_clean_file(b"one", status)
    look.end_folder(b"a")
    assert records(look) == {}


def test_the_moment_itself_is_too_late(status: os.stat_result) -> None:
    look = FileLook(1, status.st_ctime_ns)
    look.begin_files(status.st_dev)
    look.note_clean_file(b"one", status)
    look.end_folder(b"a")
    assert records(look) == {}


def test_a_file_of_another_disk_is_left_out(status: os.stat_result) -> None:
    look = FileLook(1, LATER)
    look.begin_files(status.st_dev + 1)
    look.note_clean_file(b"one", status)
    look.end_folder(b"a")
    assert records(look) == {}


def test_where_nothing_is_remembered_no_names_are() -> None:
    look = FileLook(1, 0)
    look.note_clean_folder(b"inner")
    look.end_folder(b"a")
    assert look.done().clean == []


def test_every_trouble_counts() -> None:
    look = FileLook(1, LATER)
    look.miss(b"a", FileNotFoundError())
    look.miss(b"b", PermissionError(13, "Permission denied"))
    assert look.count_troubles() == 2
    look.logs.append(LogSeen(b"log", 1, True))
    assert look.count_troubles() == 3
    assert look.done().unlooked == [Unwalked(b"a", "failed", CHANGED), Unwalked(b"b", "failed", "Permission denied")]
