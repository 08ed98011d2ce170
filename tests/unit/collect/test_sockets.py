"""Sockets of this very process, and tables that lie."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.process_files import read_open_files
from codered.collect.sockets import SocketTables, parse_address
from codered.model.process import Connection


@pytest.fixture
def own_folder() -> Iterator[int]:
    folder = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    yield folder
    os.close(folder)


def find(folder: int, one: socket.socket) -> Connection:
    inode = str(os.fstat(one.fileno()).st_ino).encode()
    assert inode in read_open_files(folder).sockets
    tables = SocketTables()
    found = tables.find(folder, inode)
    assert found is not None
    assert tables.connections(folder, frozenset((inode, b"1"))) == (found,)
    return found


def test_listening_and_connected_sockets(own_folder: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        listening = find(own_folder, server)
        with socket.create_connection(("127.0.0.1", port)) as client:
            connected = find(own_folder, client)
    assert listening == Connection(protocol="tcp", local="127.0.0.1", local_port=port, state="LISTEN")
    assert (connected.state, connected.remote, connected.remote_port) == ("ESTABLISHED", "127.0.0.1", port)


def test_udp_and_ipv6(own_folder: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        assert find(own_folder, one).state == "NONE"
    if socket.has_ipv6 and os.path.exists("/proc/net/tcp6"):
        with socket.create_server(("::", 0), family=socket.AF_INET6) as six:
            assert find(own_folder, six).local == "::"


def test_a_raw_socket(own_folder: int) -> None:
    tables = SocketTables()
    assert not tables.has_raw(own_folder, frozenset())
    if os.geteuid() == 0:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as one:
            inode = str(os.fstat(one.fileno()).st_ino).encode()
            assert tables.has_raw(own_folder, frozenset((inode,)))
            assert not SocketTables().has_raw(own_folder, frozenset((b"1",)))


def test_tables_that_can_not_be_read_are_said(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    tables = SocketTables()
    try:
        assert tables.connections(folder, frozenset((b"1",))) == ()
        assert len(tables.troubles) == 2
    finally:
        os.close(folder)


def test_lines_that_lie(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    good = b"  0: 0100007F:0016 00000000:0000 0A 0:0 0:0 0 0 0 4711 1"
    lines = [b"head", good, b"", b"1: zz:zz 0:0 01 0 0 0 0 0 5", b"2: 0100007F:99999 0:0 01 0 0 0 0 0 6", b"\xff" * 500]
    (tmp_path / "net" / "tcp").write_bytes(b"\n".join(lines))
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        found = SocketTables().connections(folder, frozenset((b"4711", b"5", b"6")))
    finally:
        os.close(folder)
    assert [(one.local, one.local_port, one.state) for one in found] == [("127.0.0.1", 22, "LISTEN")]


def test_addresses() -> None:
    assert parse_address(b"0100007F:1F90") == ("127.0.0.1", 8080)
    assert parse_address(b"00000000000000000000000001000000:0050") == ("::1", 80)
    assert parse_address(b"0000000000000000FFFF0000010200C0:0050") == ("192.0.2.1", 80)


@given(st.binary(max_size=60))
def test_any_address(field: bytes) -> None:
    found = parse_address(field)
    assert found is None or 0 <= found[1] <= 0xFFFF
