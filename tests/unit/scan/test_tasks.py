import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.walking import Folder, Unwalked
from codered.scan.tasks import WHOLE_FILE, Done, DumpRange, DumpTask, FilesTask, LogSeen, LogTask, Task

NAMES = st.lists(st.binary(max_size=20), max_size=4)
FOLDERS = st.lists(st.builds(Folder, st.binary(max_size=20), NAMES, NAMES), max_size=4)


@given(st.builds(FilesTask, st.integers(0, 2**40), FOLDERS, st.booleans()))
def test_a_task_crosses_as_it_is_whatever_bytes_its_names_hold(task: FilesTask) -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(task), type=Task) == task


def test_the_kinds_of_task_are_told_apart() -> None:
    task = LogTask(3, b"var/log/\xff", 0, WHOLE_FILE)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(task), type=Task) == task


@pytest.mark.parametrize("address", [None, 0, 2**64 - 1])
def test_ranges_of_a_dump_cross_as_they_are(address: int | None) -> None:
    task = DumpTask(3, [DumpRange(2**62, 9, address, "1 to 2", 0, 2**63)], alone=True)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(task), type=Task) == task


def test_an_answer_crosses_as_it_is() -> None:
    done = Done(7, unlooked=[Unwalked(b"\xff", "failed", "why")], logs=[LogSeen(b"a", 9, True)], files=1, bytes=2)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(done), type=Done) == done


@given(st.builds(FilesTask, st.just(1), FOLDERS))
def test_split_work_is_the_same_work_with_one_file_at_a_time(task: FilesTask) -> None:
    parts = task.split()
    assert all(len(part.files) <= 1 for part in parts)
    for field in ("files", "folders"):
        names = [(folder.rel, name) for folder in task.folders for name in getattr(folder, field)]
        assert [(part.rel, name) for part in parts for name in getattr(part, field)] == names
