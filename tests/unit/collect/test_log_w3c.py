import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.log_w3c import W3cReader, read_columns
from codered.model.observation import LogHit

FIELDS = b"#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent)"
LINE = b"2001-07-19 15:38:38 192.0.2.1 GET /default.ida NN 404 -"
AT = datetime(2001, 7, 19, 15, 38, 38, tzinfo=UTC)


def read_last(text: bytes, fields: bytes = b"", date: bytes = b"") -> LogHit | None:
    start = text.rfind(b"\n") + 1
    return W3cReader(fields, date).open_chunk(text).read(start, len(text))


def test_stem_and_query_are_put_together() -> None:
    hit = read_last(FIELDS + b"\r\n" + LINE + b"\r")
    assert hit is not None
    assert (hit.address, hit.time, hit.request, hit.status, hit.agent) == (
        "192.0.2.1",
        AT,
        "GET /default.ida?NN",
        "404",
        "",
    )


def test_no_query() -> None:
    hit = read_last(FIELDS + b"\n" + LINE.replace(b" NN ", b" - "))
    assert hit is not None
    assert hit.request == "GET /default.ida"


def test_fields_change_within_a_chunk_and_between_chunks() -> None:
    reader = W3cReader()
    chunk = FIELDS + b"\n" + LINE + b"\n#Fields: c-ip s-ip cs-method cs-uri-stem\n198.51.100.2 10.0.0.1 GET /b\n"
    reader.open_chunk(chunk)
    first = chunk.index(LINE)
    one = reader.read(first, first + len(LINE))
    start = chunk.index(b"198.51")
    two = reader.read(start, len(chunk) - 1)
    reader.open_chunk(b"198.51.100.3 10.0.0.1 GET /c\n")
    three = reader.read(0, 28)
    assert [hit and (hit.address, hit.request) for hit in (one, two, three)] == [
        ("192.0.2.1", "GET /default.ida?NN"),
        ("198.51.100.2", "GET /b"),
        ("198.51.100.3", "GET /c"),
    ]


def test_fields_that_change_behind_the_last_line_asked_for_hold_in_the_next_chunk() -> None:
    reader = W3cReader(FIELDS)
    reader.open_chunk(LINE + b"\n#Fields: c-ip cs-method cs-uri-stem\n")
    reader.open_chunk(b"198.51.100.3 GET /c")
    hit = reader.read(0, 19)
    assert hit is not None
    assert hit.address == "198.51.100.3"


def test_date_comes_from_the_header_when_there_is_no_column() -> None:
    fields = FIELDS.replace(b"date ", b"")
    line = LINE.partition(b" ")[2]
    hit = read_last(b"#Date: 2001-07-18 00:00:00\n" + fields + b"\n#Date: 2001-07-19 00:00:01\n" + line)
    assert hit is not None
    assert hit.time == AT
    other = read_last(line, fields, b"#Date: 2001-07-19")
    assert other is not None
    assert other.time == AT


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b"2001-07-19 15:38:38 192.0.2.1 GET /a b c 404 -", "GET /a?b c"),  # a space in the query
        (b"2001-07-19  15:38:38 192.0.2.1 GET /a b 404 -", "GET /a?b"),  # two spaces
        (b"2001-07-19\t15:38:38\t192.0.2.1\tGET\t/a\tb\t404\t-", "GET /a?b"),
        (b"\0\x002001-07-19 15:38:38 192.0.2.1 GET /a b 404 -", "GET /a?b"),
    ],
)
def test_odd_spaces(line: bytes, wanted: str) -> None:
    hit = read_last(FIELDS + b"\n" + line)
    assert hit is not None
    assert (hit.request, hit.status, hit.address) == (wanted, "404", "192.0.2.1")


@pytest.mark.parametrize(
    "line", [b"The above log is from a machine", b"# 192.0.2.1 GET /default.ida", b"", LINE[:30], b"x " + LINE]
)
def test_free_text_is_no_hit(line: bytes) -> None:
    assert read_last(FIELDS + b"\n" + line) is None


def test_without_fields_nothing_is_a_hit() -> None:
    assert read_last(LINE) is None


def test_forwarded_and_referer() -> None:
    hit = read_last(b"#Fields: c-ip cs-uri-stem cs(Referer) X-Forwarded-For\n10.0.0.1 /a http://r/ 203.0.113.9")
    assert hit is not None
    assert (hit.referer, hit.forwarded, hit.time) == ("http://r/", "203.0.113.9", None)


@given(st.binary(max_size=120), st.binary(max_size=120))
def test_no_bytes_raise(fields: bytes, line: bytes) -> None:
    read_columns(b"#Fields:" + fields)
    read_last(b"#Fields: " + fields + b"\n" + line.replace(b"\n", b" "))
    read_last(FIELDS + b"\n" + line.replace(b"\n", b" "))


def test_a_long_method_is_not_kept() -> None:
    tracemalloc.start()
    try:
        for number in range(50):
            hit = read_last(FIELDS + b"\n" + LINE.replace(b"GET", b"G%d" % number + b"x" * 100_000))
            assert hit is not None
        del hit
        assert tracemalloc.get_traced_memory()[0] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [b"40", b"4040", b"1" * 5000])
def test_a_status_has_three_digits_or_is_none(status: bytes) -> None:
    hit = read_last(FIELDS + b"\n" + LINE.replace(b"404", status))
    assert hit is not None
    assert hit.status == ""
