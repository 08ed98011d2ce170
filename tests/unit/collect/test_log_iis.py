from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.log_iis import read_iis_line

LINE = (
    b"192.0.2.1, -, 07/19/01, 7:55:20, W3SVC2, SALES1, 198.51.100.4, 4502, 163, 3223, 404, 0, "
    b"GET, /default.ida, NN%u9090, \r\n"
)


def test_native_format() -> None:
    hit = read_iis_line(LINE)
    assert hit is not None
    assert (hit.address, hit.status, hit.request) == ("192.0.2.1", "404", "GET /default.ida?NN%u9090")
    assert hit.time == datetime(2001, 7, 19, 7, 55, 20, tzinfo=UTC)


def test_no_query() -> None:
    hit = read_iis_line(LINE.replace(b"NN%u9090", b"-"))
    assert hit is not None
    assert hit.request == "GET /default.ida"


@given(st.binary(max_size=200))
def test_no_bytes_raise(text: bytes) -> None:
    assert read_iis_line(text) is None or text.count(b", ") >= 13
    read_iis_line(LINE[:100] + text)


def test_a_status_has_three_digits_or_is_none() -> None:
    hit = read_iis_line(LINE.replace(b" 404,", b" " + b"4" * 5000 + b","))
    assert hit is not None
    assert hit.status == ""
