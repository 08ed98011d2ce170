from hypothesis import given
from hypothesis import strategies as st

from codered.collect.log_requests import find_closing_quote, read_request, unescape


def escape(sent: bytes) -> bytes:
    """What Apache 2 writes for a request."""
    out = bytearray()
    for byte in sent:
        if byte in b'"\\':
            out += b"\\" + bytes([byte])
        elif 32 <= byte < 127:
            out.append(byte)
        else:
            out += b"\\x%02x" % byte
    return bytes(out)


@given(st.binary(max_size=60))
def test_what_apache_escaped_comes_back_and_ends_where_it_ended(sent: bytes) -> None:
    logged = escape(sent)
    assert unescape(logged) == sent
    assert find_closing_quote(logged + b'" 200 1 "x"', 0) == len(logged)


@given(st.binary(max_size=80))
def test_unescape_never_raises(text: bytes) -> None:
    assert len(unescape(text)) <= len(text)


def test_a_long_run_of_backslashes_does_not_end_the_field() -> None:
    logged = b"\\\\" * 200 + b'\\"' + b" 200 1 spoofed"
    assert find_closing_quote(logged, 0) == -1


def test_backslashes_of_old_servers_stay() -> None:
    assert unescape(rb"/scripts/..\..\winnt") == rb"/scripts/..\..\winnt"


def test_request_loses_only_its_protocol() -> None:
    assert read_request(b"GET /a HTTP/1.0") == "GET /a"
    assert read_request(b"GET /a HTTP/1.1 b HTTP/1.1") == "GET /a HTTP/1.1 b"
    assert read_request(b"GET /a HTTP/ and more words") == "GET /a HTTP/ and more words"
    assert read_request(b"get /x") == "get /x"
    assert read_request(b"-") == ""
