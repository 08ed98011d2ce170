import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.traffic.own_addresses import OwnAddresses, parse_answer
from tests.fixtures.networks import HOST, HOST6, WORLD, running_network
from tests.fixtures.sensing import call_inside, packed


def ask(added: str) -> list[bool]:
    import subprocess
    import time

    own = OwnAddresses()
    try:
        first = [packed(one) in own for one in (HOST, HOST6, "127.0.0.1", "::1", WORLD, added)]
        subprocess.run(["ip", "address", "add", f"{added}/24", "dev", "cable"], check=True)
        until = time.monotonic() + 10
        while packed(added) not in own and time.monotonic() < until:
            time.sleep(0.05)
        return [*first, packed(added) in own]
    finally:
        own.close()


def test_the_addresses_of_the_namespace_and_those_that_come_later() -> None:
    with running_network() as network:
        assert call_inside(network.host, lambda: ask("10.20.30.77")) == [True, True, True, True, False, False, True]


def message(kind: int, *attributes: tuple[int, bytes]) -> bytes:
    body = struct.pack("=BBBBI", 2, 24, 0, 0, 1)
    for number, value in attributes:
        body += struct.pack("=HH", 4 + len(value), number) + value + bytes(-len(value) % 4)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 0, 0) + body


def test_the_own_end_of_a_cable_counts() -> None:
    found: set[bytes] = set()
    assert not parse_answer(message(20, (1, b"\x01\x02\x03\x04"), (2, b"\x05\x06\x07\x08")), found)
    assert not parse_answer(message(20, (1, b"a" * 16)), found)
    assert parse_answer(message(3), found)
    assert found == {b"\x05\x06\x07\x08", b"a" * 16}


def test_a_refusal() -> None:
    with pytest.raises(OSError, match="does not tell"):
        parse_answer(message(2), set())


@given(st.binary(max_size=200))
def test_no_bytes_break_it(raw: bytes) -> None:
    found: set[bytes] = set()
    try:
        parse_answer(raw, found)
        parse_answer(message(20)[:24] + raw, found)
    except OSError:
        return
    assert all(len(one) in (4, 16) for one in found)


def test_no_socket_is_left() -> None:
    own = OwnAddresses()
    own.close()
    assert socket.inet_aton("127.0.0.1") in own  # what is known stays known
