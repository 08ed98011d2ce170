"""What an HTTP server may answer, and what we make of it."""

import socket
import time
from pathlib import Path

import pytest

from codered_hq.config import NotifyConfig
from codered_hq.sending import talking
from codered_hq.sending.not_sent import NotSent
from codered_hq.sending.talking import Call, call, is_loopback, tell_error
from tests.fixtures.notice_servers import Seen, find_free_port, make_certificate, running_http, running_raw

CALL = Call("POST", "", b"{}", {})


def _config(url: str, ca: str = "") -> NotifyConfig:
    return NotifyConfig(name="hook", way="webhook", url=url, ca_file=ca)


def _fail(url: str) -> NotSent:
    with pytest.raises(NotSent) as failed:
        call(_config(url), CALL)
    return failed.value


def test_each_answer_says_whether_another_try_may_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # whoever sets it does not get our notices
    elsewhere = {"Location": "http://127.0.0.1:1/"}
    seen = Seen(
        (500, {}), (429, {"Retry-After": "120"}), (503, {"Retry-After": "9" * 400}), (413, {}), (401, {}), (404, {}),
        (302, elsewhere), (307, elsewhere), (204, {}),
    )  # fmt: skip
    with running_http(seen) as url:
        found = [_fail(f"{url}/x") for _ in range(8)]
        assert call(_config(f"{url}/x"), CALL) == b""
        assert call(_config(url), CALL) == b"ok"
    assert [(each.lasting, each.whole, each.wait) for each in found] == [
        (False, True, 0), (False, True, 120), (False, True, 0), (True, False, 0), (False, True, 0), (False, True, 0),
        (False, True, 0), (False, True, 0),
    ]  # fmt: skip
    assert "answers 429 ok" in found[1].why
    assert "not followed" in found[6].why
    assert len(seen.requests) == 10
    assert seen.requests[-1][1] == "/"


def test_a_server_that_hangs_drips_or_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talking, "STEP_SECONDS", 0.3)

    def hang(connected: socket.socket) -> None:
        while connected.recv(1000):
            pass

    def drip(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connected.sendall(b"X: y\r\nX")
            time.sleep(0.02)

    def endless(connected: socket.socket) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connected.sendall(b"x" * 100_000)

    def nonsense(connected: socket.socket) -> None:
        connected.sendall(b"\xff\xfe\r\n" * 10)

    for talk in (hang, drip, nonsense):
        with running_raw(talk) as port:
            failed = _fail(f"http://127.0.0.1:{port}")
            assert (failed.whole, failed.lasting) == (True, False), talk
    with running_raw(endless) as port:
        assert len(call(_config(f"http://127.0.0.1:{port}"), CALL)) == talking.MOST_ANSWER
    assert "refused" in _fail(f"http://127.0.0.1:{find_free_port()}").why


def test_a_connection_that_takes_too_long_is_cut() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, talking.ended_in_time(ours, 0.1):
        assert ours.recv(1) == b""  # it ends although nobody sent anything
    assert tell_error(TimeoutError()) == "no answer in time"
    assert tell_error(ValueError("a\x1b")) == "a\\x1b"


def test_certificates_are_checked_and_the_clear_is_for_this_machine(tmp_path: Path) -> None:
    context, ca = make_certificate(tmp_path)
    with running_http(Seen(), context) as url:
        assert call(_config(url, str(ca)), CALL) == b"ok"
        assert "certificate" in _fail(url).why.lower()
    for url in (
        "http://hooks.example.test/x",
        "ftp://127.0.0.1",
        "https://",
        "https://[",
        "https://x/ y",
        "https://x/ü",
    ):
        assert _fail(url).whole, url
    with pytest.raises(NotSent, match="ca_file"):
        call(_config("https://127.0.0.1:1", str(tmp_path / "none.pem")), CALL)
    assert [is_loopback(host) for host in ("localhost", "::1", "127.9.9.9", "10.0.0.1", "localhost.example.test")] == [
        True, True, True, False, False,
    ]  # fmt: skip
