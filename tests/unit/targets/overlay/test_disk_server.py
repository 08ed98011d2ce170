"""The evidence on a socket: read as it is, never written, nothing beyond its end; hostile requests end the talk."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.targets.overlay.disk_server import serve_disk, start_disk_server
from codered.targets.overlay.programs import await_end

BODY = bytes(range(256)) * 10 + b"end"


class MemoryDisk:
    size = len(BODY)

    def read(self, offset: int, size: int) -> bytes:
        if offset == 512:
            raise OSError(5, "a bad sector")
        return BODY[offset : offset + size]

    def close(self) -> None:
        pass


@pytest.fixture
def talk() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    ours.settimeout(10)

    def serve() -> None:
        with theirs:
            serve_disk(theirs, MemoryDisk())

    server = threading.Thread(target=serve)
    server.start()
    yield ours
    ours.close()
    server.join(10)


def begin(talk: socket.socket, option: int = 7) -> int:
    """Shake hands; the size that is told."""
    assert talk.recv(18) == b"NBDMAGICIHAVEOPT\0\3"
    talk.sendall(struct.pack(">I", 3))
    talk.sendall(b"IHAVEOPT" + struct.pack(">II", 8, 0))  # structured replies: not here
    assert struct.unpack(">QIII", receive(talk, 20))[2] == 0x80000001
    talk.sendall(b"IHAVEOPT" + struct.pack(">IIIH", option, 6, 0, 0))
    told = struct.unpack(">QIIIHQH", receive(talk, 32))
    receive(talk, 20)
    assert told[-1] & 2  # read only
    return int(told[5])


def ask(talk: socket.socket, kind: int, offset: int, size: int, data: bytes = b"") -> tuple[int, bytes]:
    talk.sendall(struct.pack(">IHHQQI", 0x25609513, 0, kind, 77, offset, size) + data)
    _, error, handle = struct.unpack(">IIQ", receive(talk, 16))
    assert handle == 77
    return error, receive(talk, size) if kind == 0 and not error else b""


def receive(talk: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = talk.recv(size - len(data))
        assert piece
        data += piece
    return data


@pytest.mark.parametrize("kind", [1, 2])  # to write, to go
def test_reads_flushes_and_refuses(talk: socket.socket, kind: int) -> None:
    assert begin(talk) == len(BODY)
    assert ask(talk, 0, 0, 300) == (0, BODY[:300])
    assert ask(talk, 0, 2560, 512) == (0, b"end" + bytes(509))  # the last sector is filled up
    assert ask(talk, 0, 512, 16)[0] == 5
    assert ask(talk, 0, 1 << 62, 512)[0] == 22
    assert ask(talk, 0, 0, 1 << 31)[0] == 22
    assert ask(talk, 3, 0, 0) == (0, b"")
    assert ask(talk, 6, 0, 16)[0] == 1  # write zeroes
    assert ask(talk, 4, 0, 16)[0] == 1  # trim
    talk.sendall(struct.pack(">IHHQQI", 0x25609513, 0, kind, 0, 0, 0))
    assert talk.recv(1) == b""


def test_one_that_leaves_before_it_begins(talk: socket.socket) -> None:
    talk.recv(18)
    talk.sendall(struct.pack(">I", 3) + b"IHAVEOPT" + struct.pack(">II", 2, 0))
    assert len(receive(talk, 20)) == 20
    assert talk.recv(1) == b""


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=80))
def test_nonsense_ends_the_talk(nonsense: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(nonsense)
        ours.shutdown(socket.SHUT_WR)
        serve_disk(theirs, MemoryDisk())


def test_a_process_of_its_own_that_ends_with_the_other_end(tmp_path: Path) -> None:
    image = tmp_path / "disk.raw"
    image.write_bytes(BODY)
    pid, talk = start_disk_server(os.fsencode(image))
    with talk:
        talk.settimeout(10)
        assert begin(talk) == len(BODY)
        assert ask(talk, 0, 256, 16) == (0, BODY[256:272])
    await_end(pid)
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)
    pid, talk = start_disk_server(os.fsencode(tmp_path / "missing.raw"))
    with talk:
        talk.settimeout(10)
        assert talk.recv(1) == b""
    await_end(pid)
