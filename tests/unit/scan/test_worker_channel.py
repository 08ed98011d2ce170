import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from codered.scan.worker_channel import MOST_MESSAGE, WorkerChannel

Ends = tuple[WorkerChannel, Connection]


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = multiprocessing.Pipe()
    yield WorkerChannel(ours), theirs
    ours.close()
    theirs.close()


def test_messages_cross_as_they_are_sent(ends: Ends) -> None:
    ours, theirs = ends
    for message in (b"a task", b""):
        ours.send(message)
        assert theirs.recv_bytes() == message
    theirs.send_bytes(b"first")
    theirs.send_bytes(b"second" * 5000)
    assert [ours.receive(), ours.receive(), ours.receive()] == [b"first", b"second" * 5000, None]


def test_half_an_answer_is_not_waited_for(ends: Ends) -> None:
    ours, theirs = ends
    for part in (b"\0\0", b"\0\5", b"ha"):
        os.write(theirs.fileno(), part)
        assert ours.receive() is None
    os.write(theirs.fileno(), b"lf.")
    assert ours.receive() == b"half."


def test_who_does_not_read_is_not_waited_for(ends: Ends) -> None:
    ours, theirs = ends
    long = b"x" * (4 << 20)
    ours.send(long)
    got = bytearray()
    while len(got) < len(long) + 4:
        got += os.read(theirs.fileno(), 1 << 20)
        ours.flush()
    assert got == len(long).to_bytes(4, "big") + long


@pytest.mark.parametrize("size", [MOST_MESSAGE + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_no_answer_has_is_refused_before_it_is_read(ends: Ends, size: int) -> None:
    ours, theirs = ends
    os.write(theirs.fileno(), size.to_bytes(4, "big"))
    with pytest.raises(OSError, match="an answer of"):
        ours.receive()


def test_the_end_is_told(ends: Ends) -> None:
    ours, theirs = ends
    theirs.close()
    with pytest.raises(EOFError):
        ours.receive()
