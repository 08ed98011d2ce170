import errno
import socket
import struct
import subprocess
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.watching.process_starts import ProcessChange, ProcessStarts, parse_changes, receive_changes
from tests.fixtures.running import running, wait_until


@pytest.mark.parametrize("ask_kernel", [True, False])
def test_a_started_program_is_told(ask_kernel: bool) -> None:
    starts = ProcessStarts(ask_kernel=ask_kernel)
    told: set[int] = set()
    try:
        with running("sleep", "60") as pid:
            wait_until(lambda: pid in told_so_far(told, starts))
    finally:
        starts.close()


def told_so_far(told: set[int], starts: ProcessStarts) -> set[int]:
    told.update(starts.read())
    return told


def test_without_the_kernel_nothing_is_told_twice() -> None:
    starts = ProcessStarts(ask_kernel=False)
    assert (starts.told, starts.fileno()) == (False, -1)
    with running("sleep", "60") as pid:
        assert pid in starts.read()
        assert pid not in starts.read()
    starts.close()


def test_what_is_too_short_for_a_look_is_told_by_the_kernel() -> None:
    starts = ProcessStarts()
    if not starts.told:
        pytest.skip("the kernel tells nothing in this namespace")
    child = subprocess.Popen(["true"])
    child.wait()
    told: set[int] = set()
    wait_until(lambda: child.pid in told_so_far(told, starts))
    starts.close()


def message(what: int, pid: int, kind: int = 3) -> bytes:
    event = struct.pack("=IIQII", what, 0, 0, pid + 1, pid) + bytes(16)
    body = struct.pack("=IIIIHH", 1, 1, 0, 0, len(event), 0) + event
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def test_only_executions_count() -> None:
    told = parse_changes(message(2, 77) + message(1, 78) + message(2, 79, kind=2) + message(2, 80))
    assert [(one.kind, one.process) for one in told if one.process in (77, 79, 80)] == [
        ("executed", 77),
        ("executed", 80),
    ]


class Queue:
    """A connector on which this waits: bytes with the number of their sender, or an error."""

    def __init__(self, *waiting: tuple[bytes, int] | OSError) -> None:
        self.waiting = list(waiting)

    def recvfrom(self, _most: int) -> tuple[bytes, tuple[int, int]]:
        if not self.waiting:
            raise BlockingIOError
        first = self.waiting.pop(0)
        if isinstance(first, OSError):
            raise first
        return first[0], (first[1], 0)


def test_only_the_kernel_is_listened_to_and_what_was_missed_is_said() -> None:
    queue = Queue((message(2, 5), 0), (message(2, 6), 4711), OSError(errno.ENOBUFS, "full"), (message(2, 7), 0))
    told = list(receive_changes(cast("socket.socket", queue), 10))
    assert [changes and changes[0].process for changes in told] == [5, None, 7]


def test_no_more_is_taken_at_once_than_was_asked_for() -> None:
    queue = Queue(*[(message(2, 5), 0)] * 5)
    assert len(list(receive_changes(cast("socket.socket", queue), 3))) == 3
    assert len(queue.waiting) == 2


def test_beginnings_name_their_parent() -> None:
    event = struct.pack("=IIQIIII", 1, 0, 9, 70, 71, 80, 81)
    body = struct.pack("=IIIIHH", 1, 1, 0, 0, len(event), 0) + event
    raw = struct.pack("=IHHII", 16 + len(body), 3, 0, 0, 0) + body
    assert parse_changes(raw + message(2, 5)) == [
        ProcessChange("began", 80, 81, 71, 9),
        ProcessChange("executed", 6, 5, 0, 0),
    ]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_parser(raw: bytes) -> None:
    assert len(parse_changes(raw)) <= len(raw) // 16
