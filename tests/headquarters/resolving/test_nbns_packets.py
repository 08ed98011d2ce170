import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered_hq.resolving.nbns_packets import (
    Malformed,
    OwnName,
    read_addresses,
    read_status,
    write_name_question,
    write_status_question,
)

NAMES = b"\2" + b"PC-17".ljust(15) + b"\0\4\0" + b"OFFICE".ljust(15) + b"\0\x84\0" + bytes.fromhex("0200c0a80107")


def make_answer(data: bytes, *, kind: int = 0x21, flags: int = 0x8400, name: bytes = b"\1x\0") -> bytes:
    head = struct.pack(">6H", 9, flags, 0, 1, 0, 0)
    return head + name + struct.pack(">HHIH", kind, 1, 0, len(data)) + data


def test_questions_are_as_the_standard_writes_them() -> None:
    question = write_status_question(0x1234)
    assert question.hex() == "1234000000010000000000002043" + "4b" + "41" * 30 + "0000210001"
    named = write_name_question(1, "pc-17", 0x20)
    assert named[12:46] == b"\x20FAEDCNDBDHCACACACACACACACACACACA\0"
    assert named[2:4] == b"\1\0"


def test_names_and_mac_are_read() -> None:
    answer = read_status(make_answer(NAMES + b"\0" * 40))
    assert answer.names == (OwnName("PC-17", 0, False), OwnName("OFFICE", 0, True))
    assert answer.mac == "02:00:c0:a8:01:07"
    odd = NAMES.replace(b"PC-17", b"\x1b[2J\xfc")
    assert read_status(make_answer(odd)).names[0].text == "\\x1b[2J\\xfc"


def test_addresses_of_a_name() -> None:
    two = bytes.fromhex("0000c0a80107 6000 0a000001")
    assert read_addresses(make_answer(two, kind=0x20)) == ("192.168.1.7", "10.0.0.1")
    assert read_addresses(struct.pack(">6H", 9, 0x8583, 0, 0, 0, 0)) == ()


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"\0" * 5, "shorter than its header"),
        (make_answer(NAMES, flags=0), "a question in place of an answer"),
        (make_answer(NAMES, flags=0x8402), "error 2"),
        (make_answer(NAMES, kind=0x20), "type 32"),
        (make_answer(b""), "empty"),
        (make_answer(b"\xff" + NAMES[1:]), "255 names announced"),
        (make_answer(NAMES)[:-3], "ends within its data"),
        (make_answer(NAMES)[:18], "ends within its answer"),
        (make_answer(NAMES, name=b"\1x" * 99), "more than 16 parts"),
        (make_answer(NAMES, name=b"\xc0\x0c")[:14], "ends within its answer"),
        (make_answer(NAMES, name=b"\x3f")[:20], "ends within a name"),
        (struct.pack(">6H", 9, 0x8400, 9, 1, 0, 0), "9 questions"),
    ],
)
def test_malformed_answers_are_named(packet: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read_status(packet)


@given(st.binary(max_size=600))
def test_nothing_else_is_raised(data: bytes) -> None:
    for packet in (data, b"\0\1\x84\0\0\0\0\1" + data, make_answer(data), make_answer(data, kind=0x20)):
        for read in (read_status, read_addresses):
            try:
                read(packet)
            except Malformed:
                continue
