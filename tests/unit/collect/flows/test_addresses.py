import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows.addresses import pack_address, show_address


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"10.1.0.66", "10.1.0.66"),
        (b"2001:db8:0:0::80", "2001:db8::80"),
        (b"::ffff:192.0.2.1", "192.0.2.1"),
        (b"fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_are_packed_and_shown(text: bytes, shown: str) -> None:
    assert show_address(pack_address(text)) == shown


@pytest.mark.parametrize("text", [b"", b"-", b"10.1", b"256.1.1.1", b"1.2.3.4\0", b"\xff\xfe", b"1" * 100, b"::g"])
def test_what_is_no_address_is_empty(text: bytes) -> None:
    assert pack_address(text) == b""


@given(st.binary(max_size=80))
def test_any_bytes_are_answered(text: bytes) -> None:
    assert len(pack_address(text)) in (0, 4, 16)
    assert isinstance(show_address(text), str)
