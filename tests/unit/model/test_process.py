"""Processes as nouns."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from codered.model.paths import FilePath, path_from_bytes
from codered.model.process import (
    Connection,
    Executable,
    HiddenProcess,
    MemoryRegion,
    ProcessesSeen,
    ProcessId,
    ProcessSeen,
    UnreadProcess,
)


def test_a_pid_used_again_is_another_process() -> None:
    assert ProcessId(7, 100) != ProcessId(7, 200)
    assert sorted([ProcessId(8, 1), ProcessId(7, 2), ProcessId(7, 1)])[0] == ProcessId(7, 1)
    assert len({ProcessId(7, 100), ProcessId(7, 100)}) == 1


def test_a_process_survives_the_way_to_another_process() -> None:
    process = ProcessSeen(
        id=ProcessId(7, 100),
        parent=1,
        name="x\n",
        command=("sh", "-c", "\x1b"),
        exe=Executable(path=path_from_bytes(b"/tmp/\xff"), deleted=True),
        connections=(Connection(protocol="tcp", local_port=80, state="LISTEN"),),
        facts=frozenset(("hidden",)),
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(process), type=ProcessSeen) == process
    for other in (
        HiddenProcess(pid=1, seen_by=("a",), missing_from=("b",)),
        MemoryRegion(start=0, end=1, permissions="r"),
    ):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(other), type=type(other)) == other


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_arguments_are_bytes(command: list[str]) -> None:
    process = ProcessSeen(id=ProcessId(1, 1), parent=0, name="x", command=tuple(command))
    assert process.arguments().count(b" ") >= max(0, len(command) - 1)


def test_arguments_that_are_not_utf8() -> None:
    assert ProcessSeen(id=ProcessId(1, 1), parent=0, name="x", command=("a", "\udcff")).arguments() == b"a \\udcff"


def test_a_look_without_a_reader_hashes_nothing() -> None:
    process = ProcessSeen(id=ProcessId(1, 1), parent=0, name="x", exe=Executable(path=FilePath("/bin/sh")))
    seen = ProcessesSeen(processes=(process,), unread=(UnreadProcess("process 1", "only root may"),))
    assert seen.hash_of(process) == ""
