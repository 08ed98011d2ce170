import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered_hq.probing.reading import MOST_HEADER, Answer, Reader

MOST = 1000
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(data: bytes, method: str = "GET", *, step: int = 0, why: str = "") -> Answer:
    """The answer of these bytes, in pieces of `step`."""
    reader = Reader(method, MOST)
    for start in range(0, len(data), step or max(1, len(data))):
        if reader.feed(data[start : start + (step or len(data))]):
            return reader.answer
    reader.end(why)
    return reader.answer


@pytest.mark.parametrize("step", [0, 1, 3])
@pytest.mark.parametrize(
    ("data", "method", "status", "body", "whole"),
    [
        (OK + b"Content-Length: 2\r\n\r\nhi and more", "GET", 200, b"hi", True),
        (OK + b"\r\nall of it", "GET", 200, b"all of it", True),
        (b"HTTP/1.0 404 No\nServer: x\n\nbare lines", "GET", 404, b"bare lines", True),
        (OK + b"Content-Length: 99\r\n\r\n", "HEAD", 200, b"", True),
        (b"HTTP/1.1 204 X\r\n\r\n", "GET", 204, b"", True),
        (b"HTTP/1.1 100 X\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\na", "GET", 200, b"a", True),
        (CHUNKED + b"2;x=y\r\nhi\r\n3\r\n\r\nx\r\n0\r\n\r\n", "GET", 200, b"hi\r\nx", True),
        (CHUNKED + b"5\r\nhel", "GET", 200, b"hel", False),
        (CHUNKED + b"-5\r\nhello\r\n", "GET", 200, b"", False),
        (OK + b"Content-Length: 9\r\n\r\nhal", "GET", 200, b"hal", False),
        (OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "GET", 200, b"abcd", False),
        (OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabcd", "GET", 200, b"abcd", False),
        (OK + b"Content-Length: \xb2\r\n\r\nabcd", "GET", 200, b"abcd", False),
        (OK + b"Content-Length: " + b"9" * 4000 + b"\r\n\r\nabcd", "GET", 200, b"abcd", False),
        (OK + b"Content-Length: 5000\r\n\r\n" + b"a" * 5000, "GET", 200, b"a" * MOST, False),
        (b"SSH-2.0-x\r\n", "GET", 0, b"", False),
        (b"HTTP/1.1 2000 X\r\n\r\n", "GET", 0, b"", False),
        (b"HTTP/1.1 101 X\r\n\r\n", "GET", 0, b"", False),
        (OK + b"a: b\r\n" * 101 + b"\r\n", "GET", 0, b"", False),
        (OK + b"a" * MOST_HEADER + b"\r\n\r\n", "GET", 0, b"", False),
        (b"HTTP/1.1 100 X\r\n\r\n" * 9, "GET", 0, b"", False),
        (b"HTT", "GET", 0, b"", False),
        (b"", "GET", 0, b"", False),
    ],
)  # fmt: skip
def test_answers(data: bytes, method: str, status: int, body: bytes, whole: bool, step: int) -> None:
    answer = read(data, method, step=step)
    assert (answer.status, answer.body, answer.whole) == (status, body, whole)
    assert bool(answer.fault) is not whole


def test_packing_is_undone_within_bounds() -> None:
    page = b"<html>inert</html>" * 20
    raw = zlib.compressobj(wbits=-15)
    forms = {"gzip": gzip.compress(page), "x-gzip": gzip.compress(page), "deflate": zlib.compress(page)}
    for coding, packed in [*forms.items(), ("deflate", raw.compress(page) + raw.flush())]:
        answer = read(OK + f"Content-Encoding: {coding}\r\n\r\n".encode() + packed)
        assert (answer.body, answer.whole) == (page, True)
    bomb = read(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"\0" * 500_000))
    assert (len(bomb.body), bomb.whole) == (MOST, False)
    assert "unpacks to more" in bomb.fault
    for coding in ("br", "gzip"):
        strange = read(OK + f"Content-Encoding: {coding}\r\n\r\nplain".encode())
        assert (strange.body, strange.whole) == (b"plain", False)
    assert "not whole" in read(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(page)[:-9]).fault


def test_what_is_no_http_is_told_apart() -> None:
    assert not read(b"220 mail ESMTP\r\n").web
    assert read(b"<html>old").web
    assert "HTTP/0.9" in read(b"<html>old").fault
    assert read(b"", why="no whole answer in 8 s").fault == "no whole answer in 8 s"
    assert read(OK[:9], why="broken off by a reset").fault == "broken off by a reset"
    assert read(OK + b"\r\nhalf", why="broken off by a reset").fault == "broken off by a reset"


PARTS = st.sampled_from([
    OK, b"HTTP/1.1 100 X\r\n\r\n", b"\r\n", b"\n", b"\r\n\r\n", b"Content-Length: 5\r\n",
    b"Content-Length: 99999999\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n", b"ffffffff\r\n",
    b":",
    gzip.compress(b"a" * 9000), b"<title>",
])  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(PARTS, st.binary(max_size=40)), max_size=12), st.integers(1, 50), st.booleans())
def test_nothing_breaks_it_or_grows(parts: list[bytes], step: int, head: bool) -> None:
    data, method = b"".join(parts), "HEAD" if head else "GET"
    answer = read(data, method, step=step)
    assert len(answer.body) <= MOST
    assert answer.whole is not bool(answer.fault)
    assert answer.status == 0 or 200 <= answer.status <= 999
    assert answer.status or not answer.whole
    if answer.whole and "content-length" in answer.fields and not head and "content-encoding" not in answer.fields:
        assert read(data, method).body == answer.body
