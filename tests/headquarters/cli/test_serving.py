"""`codered serve` as a process: where it listens, by which certificate, the worker beside it, and its end."""

import contextlib
import hashlib
import http.client
import json
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered_hq.beating import find_beat, is_alive
from codered_hq.cli import serving
from tests.fixtures.served_consoles import ServedConsole, serve_console


def ask(served: ServedConsole, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    with contextlib.closing(connect(served)) as line:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


@contextlib.contextmanager
def watch(served: ServedConsole, cookie: str) -> Iterator[http.client.HTTPResponse]:
    with contextlib.closing(connect(served)) as line:
        line.request("GET", "/live/", headers={"Cookie": f"__Host-session={cookie}"})
        yield line.getresponse()


def connect(served: ServedConsole) -> http.client.HTTPSConnection:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(served.folder / "keys" / "console.crt")  # the name is checked, too
    return http.client.HTTPSConnection("localhost", served.port, timeout=30, context=context)


def test_the_demonstration_says_first_how_long_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    monkeypatch.setattr("codered_hq.drills.demo.load_demo", lambda _folder: said.append(capsys.readouterr().err))
    serving._load_demo(tmp_path)
    assert "Playing it takes up to a minute\n" in said[0]


def test_from_the_first_line_to_the_end(tmp_path: Path) -> None:
    with serve_console(tmp_path) as served:
        served.wait_for("worker: runs beside it")
        status, headers, body = ask(served, "/healthz")
        assert (status, json.loads(body)) == (200, {"health": "ok"})
        assert "server" not in headers
        shown = ssl.get_server_certificate(("127.0.0.1", served.port))
        told = served.wait_for(r"SHA-256 (\S+),")
        assert told.replace(":", "").lower() == hashlib.sha256(ssl.PEM_cert_to_DER_cert(shown)).hexdigest()
        assert ask(served, served.link.removeprefix(served.address))[0] == 200
        assert ask(served, "/", Host="evil.example")[0] in (302, 400)
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"ok" not in plain.recv(4096)  # never without TLS
        until = time.monotonic() + 60
        while not is_alive(find_beat(served.folder)):
            assert time.monotonic() < until, served.lines
            time.sleep(0.05)
        cookie = served.sign_in("Cora", "incident_commander")
        with watch(served, cookie) as live:
            while b"event: worker" not in live.readline():
                pass
            assert served.end() == 0
            rest = live.read()  # ended in order: what is cut off raises
            assert b"event: end" not in rest  # that would say: signed out
    assert "codered: the console has ended" in served.lines
    assert not any("bug" in line or "Traceback" in line for line in served.lines), served.lines


def test_behind_a_proxy_on_this_machine(tmp_path: Path) -> None:
    with serve_console(tmp_path, "--no-worker", "--behind-proxy", "https://war.corp.example") as served:
        port = int(served.wait_for(r"https://war\.corp\.example/ \(port (\d+) of this machine\)"))
        assert served.link.startswith("https://war.corp.example/join/")
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        line.request("GET", "/", headers={"Host": "war.corp.example", "X-Forwarded-Proto": "https"})
        answer = line.getresponse()
        assert (answer.status, answer.getheader("Strict-Transport-Security")) == (302, "max-age=31536000")
        line.close()
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(30) == 0


def test_who_is_signed_in_stays_so_over_a_restart(tmp_path: Path) -> None:
    with serve_console(tmp_path, "--no-worker") as served:
        cookie = served.sign_in("Cora", "incident_commander")
        before = ask(served, "/roster/", Cookie=f"__Host-session={cookie}")[0]
        fingerprint = served.wait_for(r"SHA-256 (\S+),")
        assert served.end() == 0
    with serve_console(tmp_path, "--no-worker") as served:
        assert (before, ask(served, "/roster/", Cookie=f"__Host-session={cookie}")[0]) == (200, 200)
        assert served.wait_for(r"SHA-256 (\S+),") == fingerprint
        assert served.link == ""  # somebody has an account
        assert ask(served, "/roster/")[0] == 302
