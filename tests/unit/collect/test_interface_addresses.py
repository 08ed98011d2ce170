import os
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.interface_addresses import list_addresses, read_answer


def pack(kind: int, index: int, *attributes: tuple[int, bytes], prefix: int = 24) -> bytes:
    body = struct.pack("=BBBBI", 2, prefix, 0, 0, index)
    for which, value in attributes:
        body += struct.pack("=HH", 4 + len(value), which) + value + bytes(-len(value) % 4)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + body


def test_our_own_end_of_a_cable_is_told_and_the_last_answer_ends_it() -> None:
    found: dict[int, list[str]] = {}
    raw = pack(20, 3, (1, b"\x0a\0\0\x01"), (2, b"\x0a\0\0\x05")) + pack(20, 3, (1, bytes(15) + b"\1"), prefix=128)
    assert not read_answer(raw, found)
    assert found == {3: ["10.0.0.5/24", "::1/128"]}
    assert read_answer(pack(3, 0), found)
    with pytest.raises(OSError, match="does not tell"):
        read_answer(pack(2, 0), found)


@given(st.binary(max_size=200))
def test_no_answer_breaks_the_reader(raw: bytes) -> None:
    found: dict[int, list[str]] = {}
    try:
        read_answer(raw, found)
    except OSError as error:
        assert "does not tell" in str(error)  # noqa: PT017 - either is right
    assert all("/" in each for rows in found.values() for each in rows)


def test_this_host_has_a_loopback() -> None:
    found = list_addresses()
    if os.path.exists("/sys/class/net/lo") and "lo" in found:
        assert "127.0.0.1/8" in found["lo"]
    assert all(name for name in found)
