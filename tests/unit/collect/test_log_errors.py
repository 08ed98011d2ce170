from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.log_errors import read_apache_error, read_nginx_error, read_urlscan

AT = datetime(2001, 7, 29, 10, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("client", "address"),
    [
        (b"[error] [client 192.0.2.1]", "192.0.2.1"),
        (b"[core:error] [pid 7:tid 9] [client 192.0.2.1:4711]", "192.0.2.1"),
        (b"[core:error] [pid 7] [client 2001:db8::1]", "2001:db8::1"),
    ],
)
def test_apache_error(client: bytes, address: str) -> None:
    hit = read_apache_error(
        b"[Sun Jul 29 10:00:00.000001 2001] " + client + b" File does not exist: /var/www/default.ida\r"
    )
    assert hit is not None
    assert (hit.address, hit.time, hit.request, hit.status) == (address, AT, "", "")
    assert hit.error == "File does not exist: /var/www/default.ida"


def test_apache_error_with_a_request() -> None:
    hit = read_apache_error(
        b"[Sun Jul 29 10:00:00 2001] [error] [client 192.0.2.1] Invalid method in request get /scripts/root.exe?/c+dir"
    )
    assert hit is not None
    assert hit.request == "get /scripts/root.exe?/c+dir"


def test_nginx_error() -> None:
    hit = read_nginx_error(
        b'2001/07/29 10:00:00 [error] 7#7: *5 open() "/srv/scripts/root.exe" failed (2: No such file or directory), '
        b'client: 192.0.2.1, server: _, request: "GET /scripts/root.exe?/c+dir HTTP/1.0", host: "www"'
    )
    assert hit is not None
    assert (hit.address, hit.time, hit.request) == ("192.0.2.1", AT, "GET /scripts/root.exe?/c+dir")
    assert hit.error.endswith("failed (2: No such file or directory)")


def test_urlscan() -> None:
    hit = read_urlscan(
        b"[07-29-2001 - 10:00:00] Client at 192.0.2.1: URL contains extension '.ida', which is disallowed. "
        b"Request will be rejected.  Site Instance='1', Raw URL='/default.ida'\r"
    )
    assert hit is not None
    assert (hit.address, hit.time, hit.request, hit.status) == ("192.0.2.1", AT, "GET /default.ida", "")
    assert "URL contains extension '.ida'" in hit.error


@given(st.binary(max_size=120))
def test_no_bytes_raise(text: bytes) -> None:
    for line in (
        text,
        b"[Sun Jul 29 10:00:00 2001] [error] [client " + text,
        b"2001/07/29 10:00:00 [error] x, client: " + text,
    ):
        for read in (read_apache_error, read_nginx_error, read_urlscan):
            hit = read(line)
            assert hit is None or isinstance(hit.address, str)
