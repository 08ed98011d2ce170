import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.log_ncsa import read_access_line

AT = b"[19/Jul/2001:15:38:38 +0000]"
REQUEST = b'"GET /default.ida?NN HTTP/1.0" 404 209'


@pytest.mark.parametrize(
    ("before", "address"),
    [
        (b"192.0.2.1 - -", "192.0.2.1"),
        (b"2001:db8::1 - bob", "2001:db8::1"),
        (b"pc1.example.net - -", "pc1.example.net"),
        (b"192.0.2.1 - John Q. Smith", "192.0.2.1"),
        (b"www.example.net:80 192.0.2.1 - -", "192.0.2.1"),
        (b"www.example.net 192.0.2.1 - -", "192.0.2.1"),
        (b"www.example.net:443 pc1.example.net - -", "pc1.example.net"),
        (b"\0\0\0\0192.0.2.1 - -".replace(b"\0192", b"\x00192"), "192.0.2.1"),
        (b"192.0.2.1 - MS\\bob", "192.0.2.1"),
        (b"192.0.2.1 - a [19/Jul/2000:00:00:00 +0000] b", "192.0.2.1"),
    ],
)
def test_who_asked(before: bytes, address: str) -> None:
    hit = read_access_line(before + b" " + AT + b" " + REQUEST)
    assert hit is not None
    assert (hit.address, hit.status, hit.request) == (address, "404", "GET /default.ida?NN")
    assert hit.time == datetime(2001, 7, 19, 15, 38, 38, tzinfo=UTC)


def test_combined_with_forwarded() -> None:
    hit = read_access_line(b"10.0.0.1 - - " + AT + b" " + REQUEST + rb' "-" "a \"b\"" "198.51.100.9, 10.0.0.7"' + b"\r")
    assert hit is not None
    assert (hit.referer, hit.agent, hit.forwarded) == ("", 'a "b"', "198.51.100.9, 10.0.0.7")


def test_a_quote_in_the_request_of_an_old_server_does_not_end_it() -> None:
    hit = read_access_line(b"192.0.2.1 - - " + AT + b' "GET /a"b c HTTP/1.0" 200 5')
    assert hit is not None
    assert hit.request == 'GET /a"b c'


def test_an_escaped_quote_can_not_forge_a_status() -> None:
    hit = read_access_line(b"192.0.2.1 - - " + AT + rb' "GET /a\" 200 1 \"x HTTP/1.0" 404 5')
    assert hit is not None
    assert (hit.status, hit.request) == ("404", 'GET /a" 200 1 "x')


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"free text",
        b"192.0.2.1 - - " + AT,
        b"192.0.2.1 - - " + AT + b' "GET / HTTP/1.0" abc',
        b"192.0.2.1 - - [x] " + REQUEST,
    ],
)
def test_what_is_no_access_line(line: bytes) -> None:
    assert read_access_line(line) is None


@given(st.binary(max_size=200))
def test_no_bytes_raise(line: bytes) -> None:
    read_access_line(line)
    hit = read_access_line(b"192.0.2.1 - - " + AT + b' "' + line + b'" 404 1')
    assert hit is None or hit.address == "192.0.2.1"


def test_a_line_of_brackets_or_quotes_is_given_up_soon() -> None:
    assert read_access_line(b"1.2.3.4" + b" [" * 500_000) is None
    assert read_access_line(b"1.2.3.4 - - " + AT + b' "' + b'"' * 500_000) is None


def test_what_stands_before_the_time_is_not_kept_when_it_is_long() -> None:
    tracemalloc.start()
    try:
        for number in range(50):
            hit = read_access_line(b"192.0.2.1 - %d" % number + b"x" * 100_000 + b" " + AT + b" " + REQUEST)
            assert hit is not None
            assert hit.address == "192.0.2.1"
        assert tracemalloc.get_traced_memory()[0] < 1 << 20
    finally:
        tracemalloc.stop()
