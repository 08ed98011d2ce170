import os
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError

from codered.packs.updating.fetching import FolderFetcher, Limits, WebFetcher, is_url, make_fetcher
from tests.fixtures.pack_publisher import PATIENT, serve, static_files


def test_a_folder_gives_plain_files_only(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "a").write_bytes(b"x" * 100_000)
    fetcher = make_fetcher(str(tmp_path))
    assert isinstance(fetcher, FolderFetcher)
    assert fetcher.download_bytes("metadata/a", 100_000) == b"x" * 100_000
    with pytest.raises(DownloadHTTPError) as missing:
        fetcher.download_bytes("metadata/b", 10)
    assert missing.value.status_code == 404
    (tmp_path / "metadata" / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "metadata" / "pipe")
    (tmp_path / "elsewhere").symlink_to(tmp_path / "metadata")
    for url in ("metadata/link", "metadata/pipe", "elsewhere/a", "metadata/../metadata/a", "/etc/passwd", "metadata"):
        with pytest.raises(DownloadError):
            fetcher.download_bytes(url, 1 << 20)


def test_a_web_server_gives_files(tmp_path: Path) -> None:
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "a b").write_bytes(b"y" * 200_000)
    with serve(static_files(tmp_path)) as place:
        assert is_url(place)
        fetcher = make_fetcher(place, PATIENT)
        assert isinstance(fetcher, WebFetcher)
        assert fetcher.download_bytes("targets/a b", 200_000) == b"y" * 200_000
        with pytest.raises(DownloadHTTPError) as missing:
            fetcher.download_bytes("targets/none", 10)
        assert missing.value.status_code == 404
    with pytest.raises(DownloadError):  # nobody listens any more
        fetcher.download_bytes("targets/a b", 10)


class Odd(BaseHTTPRequestHandler):
    """Answers by the path that is asked for."""

    def do_GET(self) -> None:
        host = self.headers["Host"]
        to = {
            "/once": f"http://{host}/good", "/relative": "good", "/loop": "/loop", "/file": "file:///etc/passwd",
            "/ftp": f"ftp://{host}/x", "/bad": "http://[", "/nowhere": "",
        }.get(self.path)  # fmt: skip
        if to is not None:
            self.send_response(302)
            self.send_header("Location", to)
            self.end_headers()
        elif self.path == "/cut":
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nshort")
        elif self.path == "/nonsense":
            self.wfile.write(b"\0\1\2\r\n\r\n")
        else:
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\ngood")

    def log_message(self, *_: object) -> None:
        pass


def test_redirects_lead_to_the_web_only_and_not_for_ever() -> None:
    with serve(Odd) as place:
        fetcher = WebFetcher(place, PATIENT)
        assert fetcher.download_bytes("once", 10) == fetcher.download_bytes("relative", 10) == b"good"
        for url, what in (
            ("loop", "too often"),
            ("file", "redirected to file:"),
            ("ftp", "redirected to ftp:"),
            ("bad", "no address"),
            ("nowhere", "not followed"),
            ("cut", "ended before"),
            ("nonsense", "BadStatusLine"),
        ):
            with pytest.raises(DownloadError, match=what):
                fetcher.download_bytes(url, 1000)


def test_the_time_for_the_whole_is_bounded_too() -> None:
    with serve(Odd) as place:
        fetcher = WebFetcher(place, Limits(silence=1, file=1, whole=0))
        with pytest.raises(SlowRetrievalError, match="no time left"):
            fetcher.download_bytes("once", 10)


def test_a_server_without_a_good_certificate_is_not_asked(tmp_path: Path) -> None:
    with serve(Odd) as place, pytest.raises(DownloadError):
        WebFetcher(place.replace("http://", "https://"), PATIENT).download_bytes("good", 10)
