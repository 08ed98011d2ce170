"""The server: TLS or a proxy on this machine, and an end in order."""

import os
import signal
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.serving.certificates import find_or_make_certificate, make_context
from codered_hq.serving.names import bind
from codered_hq.serving.server import make_server, run_server


def test_whom_it_believes(tmp_path: Path) -> None:
    context = make_context(find_or_make_certificate(tmp_path, ["localhost"], datetime.now(UTC)))
    own, behind = make_server(context).config, make_server(None).config
    assert (own.proxy_headers, behind.proxy_headers) == (False, True)
    assert behind.forwarded_allow_ips == ["127.0.0.1", "::1"]
    own.load()
    assert own.ssl is context
    assert (own.server_header, own.ws) == (False, "none")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order(number: signal.Signals) -> None:
    server, listening = make_server(None), bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    answers: list[int] = []

    def ask_and_end() -> None:
        while not server.started:
            time.sleep(0.01)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/static/none.css", timeout=20)
        except urllib.error.HTTPError as error:
            answers.append(error.code)
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    asker = threading.Thread(target=ask_and_end)
    asker.start()
    run_server(server, listening)  # comes back, without KeyboardInterrupt
    asker.join(30)
    assert signal.getsignal(number) == before
    assert len(answers) == 1
    assert answers[0] >= 400
