import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec
import pytest

from codered.export.alerts import courier
from codered.export.alerts.webhook import Webhook
from codered.model.errors import WrongUse
from codered.model.monitoring import MonitorEvent

EVENT = MonitorEvent(time=datetime(2026, 3, 1, tzinfo=UTC), kind="found", story="it is back")


@contextmanager
def receiving(status: int) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    got: list[tuple[str, bytes]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the name that http.server asks for

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "TRIES", 2)
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_it_posts_a_document() -> None:
    with receiving(204) as (url, got):
        way = Webhook(url)
        way.send(EVENT)
        way.close()
    ((path, body),) = got
    assert (path, msgspec.json.decode(body, type=MonitorEvent), way.troubles()) == ("/hook", EVENT, ())


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_it_follows_nowhere_and_says_what_failed(status: int) -> None:
    with receiving(status) as (url, got):
        way = Webhook(url)
        way.send(EVENT)
        way.close()
    assert {path for path, _ in got} == {"/hook"}
    assert len(got) == 2
    assert way.troubles() == (f"webhook: 1 alerts not delivered: the receiver answered {status}",)


def test_nobody_there_is_told() -> None:
    with receiving(204) as (url, _):
        pass
    way = Webhook(url)
    way.send(EVENT)
    way.close()
    assert "1 alerts not delivered" in way.troubles()[0]


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "ftp://x/", "http://", "//x"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(WrongUse):
        Webhook(url)
