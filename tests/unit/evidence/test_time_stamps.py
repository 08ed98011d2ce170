import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.evidence.custody import read_entries
from codered.evidence.standalone_verifier import STAMP, STAMP_PART, verify_container
from codered.evidence.time_stamps import stamp_seal
from codered.model.errors import CoverageIncomplete, WrongUse
from tests.fixtures.evidence import make_container, open_container, open_key

SETTINGS = """[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
[req]
distinguished_name = name
[name]
[ext]
extendedKeyUsage = critical,timeStamping
"""


class Authority:
    """A time stamp authority on loopback; `answer` replaces what it would say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answer: bytes | None = None
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                body = authority.reply(query) if authority.answer is None else authority.answer
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def prepare(self) -> None:
        (self.folder / "settings").write_text(SETTINGS)
        (self.folder / "serial").write_text("01\n")
        self.openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-days", "30",
            "-subj", "/CN=test", "-config", "settings", "-extensions", "ext",
        )  # fmt: skip

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self.openssl("ts", "-reply", "-config", "settings", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=60)


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    folder = tmp_path / "authority"
    folder.mkdir()
    made = Authority(folder)
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_the_seal_is_stamped_and_the_stamp_is_covered(authority: Authority, tmp_path: Path) -> None:
    authority.prepare()
    container = make_container(tmp_path)
    seal = read_entries(container)[-1]
    entry = stamp_seal(container, authority.url, open_key(tmp_path), "anna")
    assert entry == read_entries(container)[-1]
    stamp = (container / STAMP).read_bytes()
    check = ["openssl", "ts", "-verify", "-digest", seal.hash, "-in", str(container / STAMP), "-CAfile", "tsa.pem"]
    done = subprocess.run(check, cwd=authority.folder, capture_output=True, text=True, check=False, timeout=60)
    assert "Verification: OK" in done.stdout + done.stderr
    assert verify_container(str(container)).problems == []
    (container / STAMP).write_bytes(stamp[:-1] + b"x")
    assert verify_container(str(container)).problems == [f"{STAMP}: was changed"]
    (container / STAMP).unlink()
    assert verify_container(str(container)).problems == [f"{STAMP}: is missing"]


def test_a_stamp_is_not_replaced(authority: Authority, tmp_path: Path) -> None:
    authority.prepare()
    container = make_container(tmp_path)
    stamp_seal(container, authority.url, open_key(tmp_path), "anna")
    with pytest.raises(WrongUse, match="was stamped already"):
        stamp_seal(container, authority.url, open_key(tmp_path), "anna")


def test_what_a_machine_that_stopped_left_is_said_and_stamping_goes_on(authority: Authority, tmp_path: Path) -> None:
    authority.prepare()
    container = make_container(tmp_path)
    (container / STAMP_PART).write_bytes(b"half")
    verdict = verify_container(str(container))
    assert verdict.problems == []
    assert f"{STAMP_PART}: a time stamp that was never entered" in verdict.notes
    entry = stamp_seal(container, authority.url, open_key(tmp_path), "anna")
    (container / STAMP).rename(container / STAMP_PART)  # entered, not renamed
    verdict = verify_container(str(container))
    assert (verdict.problems, f"{STAMP_PART}: a time stamp that was entered" in verdict.notes) == ([], True)
    stamp = (container / STAMP_PART).read_bytes()
    (container / STAMP_PART).write_bytes(stamp[:-1] + b"x")
    assert verify_container(str(container)).problems == [f"{STAMP_PART}: was changed"]
    (container / STAMP_PART).write_bytes(stamp)
    assert stamp_seal(container, authority.url, open_key(tmp_path), "anna") == entry
    assert (container / STAMP).read_bytes() == stamp
    (container / STAMP_PART).write_bytes(b"")
    assert verify_container(str(container)).problems == [f"{STAMP_PART}: does not belong here"]


def test_a_stamp_of_something_else_is_not_taken(authority: Authority, tmp_path: Path) -> None:
    authority.prepare()
    query = ["openssl", "ts", "-query", "-sha256", "-digest", "ab" * 32]
    other = subprocess.run(query, capture_output=True, check=True, timeout=60).stdout
    authority.answer = authority.reply(other)
    container = make_container(tmp_path)
    with pytest.raises(CoverageIncomplete, match="not granted for this seal"):
        stamp_seal(container, authority.url, open_key(tmp_path), "anna")
    assert not (container / STAMP).exists()
    assert verify_container(str(container)).problems == []


@pytest.mark.parametrize(
    ("answer", "story"), [(b"", "is none"), (b"<html>", "is none"), (b"x" * (2 << 20), "too large")]
)
def test_an_answer_that_is_none_is_said(authority: Authority, tmp_path: Path, answer: bytes, story: str) -> None:
    authority.answer = answer
    with pytest.raises(CoverageIncomplete, match=story):
        stamp_seal(make_container(tmp_path), authority.url, open_key(tmp_path), "anna")


def test_an_authority_that_is_not_there_is_said(authority: Authority, tmp_path: Path) -> None:
    authority.server.shutdown()
    authority.server.server_close()
    with pytest.raises(CoverageIncomplete, match="no time stamp"):
        stamp_seal(make_container(tmp_path), authority.url, open_key(tmp_path), "anna")


def test_only_web_addresses_and_sealed_containers(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no http or https"):
        stamp_seal(make_container(tmp_path), "file:///etc/passwd", open_key(tmp_path), "anna")
    container = open_container(tmp_path)
    container.abandon()
    with pytest.raises(WrongUse, match="never sealed"):
        stamp_seal(container.folder, "http://127.0.0.1:1/", open_key(tmp_path), "anna")
