from hypothesis import given
from hypothesis import strategies as some

from codered.collect.captures.dns_answers import read_addresses
from tests.fixtures.capture_files import make_dns_answer, pack_address

ADDRESSES = ["192.0.2.1", "2001:db8::1", "192.0.2.3"]


def make_message(addresses: list[str]) -> bytes:
    return make_dns_answer("192.0.2.53", ("192.0.2.9", 40000), "www.example.org", addresses)[28:]


def test_addresses_of_both_kinds() -> None:
    assert read_addresses(make_message(ADDRESSES)) == [pack_address(address) for address in ADDRESSES]
    assert read_addresses(make_message([])) == []


def test_questions_and_errors_give_nothing() -> None:
    message = make_message(ADDRESSES)
    assert read_addresses(message[:2] + b"\x01\x00" + message[4:]) == []
    assert read_addresses(message[:2] + b"\x81\x83" + message[4:]) == []
    assert read_addresses(b"") == []


def test_a_cut_answer_gives_those_before_the_cut() -> None:
    message = make_message(ADDRESSES)
    assert read_addresses(message[:-3]) == [pack_address(address) for address in ADDRESSES[:2]]


def test_a_name_that_points_to_itself_ends() -> None:
    head = b"\0\7\x81\x80\0\0\xff\xff\0\0\0\0"
    assert read_addresses(head + b"\xc0\x0c" * 4000) == []
    assert read_addresses(head + b"\x01a" * 4000) == []


@given(some.binary(max_size=300))
def test_anything_ends(rest: bytes) -> None:
    for found in read_addresses(b"\0\7\x81\x80\0\1\0\5\0\0\0\0" + rest):
        assert len(found) in (4, 16)
