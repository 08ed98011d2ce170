import os
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.traffic import holders as holders_module
from codered.collect.traffic.holders import Holders, parse_inode
from tests.fixtures.sensing import packed


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No bound on the time of the searches: a machine that does much else may need more for the first."""
    monkeypatch.setattr(holders_module, "_A_SECOND", 60.0)


@pytest.mark.usefixtures("unhurried")
def test_the_holder_of_a_connection() -> None:
    holders = Holders()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as one:
        here, there = one.getsockname(), one.getpeername()
        ends = (packed(here[0]), here[1], packed(there[0]), there[1])
        assert [holders.find(*ends) for _ in range(2)] == [os.getpid()] * 2
    holders.close()


def test_an_ipv4_connection_of_an_ipv6_socket() -> None:
    holders = Holders()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_INET6) as one:
        one.connect(("::ffff:127.0.0.1", server.getsockname()[1]))
        local = packed("127.0.0.1")
        assert holders.find(local, one.getsockname()[1], local, server.getsockname()[1]) == os.getpid()
    holders.close()


def test_a_socket_that_is_not_there() -> None:
    holders = Holders()
    assert holders.find(packed("192.0.2.1"), 1, packed("192.0.2.2"), 2) == 0
    assert holders.find(packed("2001:db8::1"), 1, packed("2001:db8::2"), 2) == 0
    holders.close()


@given(st.binary(max_size=200))
def test_no_bytes_break_the_answer(raw: bytes) -> None:
    assert parse_inode(raw) >= 0
    assert parse_inode(struct.pack("=IHHII", 88, 2, 0, 0, 0) + raw) == 0
