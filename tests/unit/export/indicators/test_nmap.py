import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codered.export.indicators.exported import LeftOut
from codered.export.indicators.nmap import make_nmap, quote_lua
from codered.model.countermeasures import Probe, ProbeAnswer
from tests.fixtures.exported_packs import parse_pack
from tests.fixtures.small_packs import make_pack

PROBE = Probe(
    id="page", protocol="http", ports=(80, 8080), method="GET", path='/inert"x?a=@PACK@',
    references=(), note="A ]] note.",
    answers=(
        ProbeAnswer(
            says="vulnerable", because='its "mark" \\ is', status=("200",), body=r'<p class="inert">(.|\n){0,40}MARK'
        ),
        ProbeAnswer(says="exposed", because="it answers", status=("200", "302")),
        ProbeAnswer(says="not_affected", because="nothing there", status=("404",)),
        ProbeAnswer(says="undetermined", because="it tells nothing"),
    ),
)  # fmt: skip


class Answering(BaseHTTPRequestHandler):
    status, body = 200, b""
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_nmap_judges_a_server_by_its_answer(
    tmp_path: Path, server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_nmap((parse_pack(make_pack("small"), probes=(PROBE,)), parse_pack(make_pack("quiet"))))
    (file,) = made.files
    assert made.left_out == (LeftOut("quiet/probe", "the pack has no probe: no safe request tells"),)
    path = tmp_path / file.name
    path.write_bytes(file.data)
    words = ["nmap", "-Pn", "-n", "-p", str(server.server_port), "--script", f"+{path}", "127.0.0.1"]
    monkeypatch.setattr(Answering, "asked", [])
    cases = {
        (200, b'x <p class="inert">\n\nmark'): 'vulnerable\n|   because: its "mark" \\ is',
        (200, b"another page"): "exposed\n|   because: it answers",
        (302, b""): "exposed",
        (404, b'<p class="inert">MARK'): "not_affected",
        (500, b""): "undetermined",
        (200, b"x" * 70_000 + b'<p class="inert">MARK'): "exposed",
    }
    for (status, body), wanted in cases.items():
        monkeypatch.setattr(Answering, "status", status)
        monkeypatch.setattr(Answering, "body", body)
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
        assert f"state: {wanted}" in done.stdout
        assert f"status: {status}" in done.stdout
        assert "ERROR" not in done.stdout
    assert Answering.asked == ['GET /inert"x?a=@PACK@'] * len(cases)  # one request each time, and no other


def test_what_a_made_up_name_gets_too_does_not_count(
    tmp_path: Path, server: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = (
        ProbeAnswer(says="infected", because="it is there", status=("200",), server=r"^BaseHTTP/0\."),
        ProbeAnswer(says="not_seen", because="it is not there", status=("404",)),
        ProbeAnswer(says="undetermined", because="it tells nothing"),
    )
    other = replace(PROBE, id="door", path="/a/inert.exe", control="/a/{random}.exe", answers=answers)
    made = make_nmap((parse_pack(make_pack("small"), probes=(PROBE, other)),))
    assert [file.name for file in made.files] == ["codered-small.nse", "codered-small-door.nse"]
    path = tmp_path / made.files[1].name
    path.write_bytes(made.files[1].data)
    words = ["nmap", "-Pn", "-n", "-p", str(server.server_port), "--script", f"+{path}", "127.0.0.1"]

    class Telling(Answering):
        def do_GET(self) -> None:
            self.asked.append(self.path)
            self.send_response(200 if self.path == other.path else self.status)
            self.end_headers()

    monkeypatch.setattr(Answering, "asked", [])
    monkeypatch.setattr(server, "RequestHandlerClass", Telling)
    for status, wanted in ((404, "infected"), (200, "undetermined"), (403, "undetermined")):
        monkeypatch.setattr(Answering, "status", status)
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
        assert f"state: {wanted}" in done.stdout
    assert Answering.asked[::2] == [other.path] * 3
    made_up = Answering.asked[1::2]
    assert len(set(made_up)) == 3
    assert all(re.fullmatch(r"/a/[a-z]{12}\.exe", each) for each in made_up)


@given(st.text(max_size=60))
def test_no_text_can_end_its_quotes(text: str) -> None:
    quoted = quote_lua(text)
    assert quoted[0] == quoted[-1] == '"'
    assert quoted.isascii()
    assert quoted.isprintable()
    assert '"' not in quoted[1:-1]
    assert "\\\\" not in quoted
