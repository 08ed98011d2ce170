from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.log_formats import LineReader, detect_format, make_chunk, make_reader, parse_line

FIXTURES = Path(__file__).parents[2] / "fixtures" / "logs"
ACCESS = b'192.0.2.1 - - [19/Jul/2001:15:38:38 +0000] "GET /a HTTP/1.0" 404 209\n'
APACHE = b"[Sun Jul 29 10:00:00 2001] [error] [client 192.0.2.1] File does not exist: /x\n"
NGINX = b"2001/07/29 10:00:00 [error] 7#7: *5 failed, client: 192.0.2.1, server: _\n"
IIS = b"192.0.2.1, -, 07/19/01, 7:55:20, W3SVC2, S, 198.51.100.4, 4502, 163, 3223, 404, 0, GET, /a, -,\n"
URLSCAN = b"[07-29-2001 - 10:00:00] Client at 192.0.2.1: URL is bad. Raw URL='/x'\n"
SAMPLES = {"access": ACCESS, "apache_error": APACHE, "nginx_error": NGINX, "iis": IIS, "urlscan": URLSCAN}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_format_is_told_by_its_content(name: str) -> None:
    for head in (
        SAMPLES[name] * 3,
        SAMPLES[name].rstrip(),
        b"\xef\xbb\xbf" + SAMPLES[name],
        b"\0" * 9 + SAMPLES[name],
        SAMPLES[name].replace(b"\n", b"\r\n") * 2,
    ):
        assert detect_format(head) == name


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*iis*.log")), ids=lambda path: path.name)
def test_real_iis_logs(path: Path) -> None:
    assert detect_format(path.read_bytes()) == "w3c"


def test_real_apache_log() -> None:
    assert detect_format((FIXTURES / "apache-benign-2015.log").read_bytes()) == "access"


def test_an_error_log_that_speaks_only_of_the_server_is_known_too() -> None:
    assert (
        detect_format(b"[Sun Jul 29 10:00:00 2001] [notice] Apache/1.3.19 configured -- resuming normal operations\n")
        == "apache_error"
    )
    assert detect_format(b"2001/07/29 10:00:00 [notice] 7#7: start worker processes\n") == "nginx_error"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\0" * 100,
        b"\n\n",
        b"hello world\n",
        b"#Fields: a b c\n1 2 3\n",
        b"a, b, c\n" * 9,
        b"\x1f\x8b\x08",
        ACCESS + b"text\n" * 9,
    ],
)
def test_what_is_no_web_log(head: bytes) -> None:
    assert detect_format(head) is None


def test_fields_may_come_late_in_the_head() -> None:
    assert detect_format(b"some words\n" * 30 + b"#Fields: date time c-ip cs-uri-stem\n") == "w3c"


def test_chunks_read_their_own_lines() -> None:
    reader = make_reader("access")
    assert isinstance(reader, LineReader)
    chunk = make_chunk(reader, b"text\n" + ACCESS)
    hit = chunk.read(5, len(chunk.data))
    assert chunk.read(0, 4) is None
    assert hit is not None
    assert hit.request == "GET /a"


def test_parse_line_alone() -> None:
    hit = parse_line("w3c", b"192.0.2.1 GET /a", fields=b"#Fields: c-ip cs-method cs-uri-stem")
    assert hit is not None
    assert hit.address == "192.0.2.1"
    assert parse_line("access", b"text") is None


@given(st.binary(max_size=400))
def test_no_head_raises(head: bytes) -> None:
    detect_format(head)
