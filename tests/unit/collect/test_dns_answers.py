import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.dns_answers import MOST_RECORDS, parse_addresses

FOUR, SIX = socket.inet_aton("203.0.113.9"), socket.inet_pton(socket.AF_INET6, "2001:db8::9")


def record(kind: int, data: bytes, name: bytes = b"\xc0\x0c", network: int = 1) -> bytes:
    return name + struct.pack(">HHIH", kind, network, 60, len(data)) + data


def answer(*records: bytes, flags: int = 0x8180, questions: int = 1) -> bytes:
    asked = b"\x07example\x03org\x00\x00\x01\x00\x01" * questions
    return struct.pack(">HHHHHH", 1, flags, questions, len(records), 0, 0) + asked + b"".join(records)


def test_addresses_of_both_kinds_behind_an_alias() -> None:
    alias = record(5, b"\x03cdn\xc0\x0c")
    assert parse_addresses(answer(alias, record(1, FOUR), record(28, SIX), record(1, FOUR))) == (FOUR, SIX)


@pytest.mark.parametrize(
    "data",
    [
        answer(record(1, FOUR), flags=0x0100),  # a question
        answer(record(1, FOUR), flags=0x8183),  # no such name
        answer(record(1, FOUR), questions=9),
        answer(record(1, FOUR[:3])),
        answer(record(1, FOUR, network=3)),
        answer(record(1, FOUR))[:-1],
        answer(record(1, FOUR, name=b"\x80")),
        b"",
    ],
)
def test_what_is_no_answer_gives_nothing(data: bytes) -> None:
    assert parse_addresses(data) == ()


def test_a_cut_answer_gives_those_before_the_cut() -> None:
    assert parse_addresses(answer(record(1, FOUR), record(28, SIX))[:-3]) == (FOUR,)


def test_a_name_that_points_to_itself_ends() -> None:
    head = b"\0\7\x81\x80\0\0\xff\xff\0\0\0\0"
    assert parse_addresses(head + b"\xc0\x0c" * 4000) == ()
    assert parse_addresses(head + b"\x01a" * 4000) == ()


def test_a_flood_of_records_is_cut_short() -> None:
    many = answer(*(record(1, bytes([10, 0, number, 1])) for number in range(200)))
    assert len(parse_addresses(many)) == MOST_RECORDS


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    assert all(len(one) in (4, 16) for one in parse_addresses(data))
    assert all(len(one) in (4, 16) for one in parse_addresses(answer()[:12] + data))
