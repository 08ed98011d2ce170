"""Where the bytes of a repository come from: a static web server, or a folder. Neither is believed anything: sizes,
time, redirects and links are bounded here, what was signed is checked by TUF.
"""

import contextlib
import http.client
import os
import socket
import ssl
import stat
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tuf.api.exceptions import DownloadError, DownloadHTTPError, SlowRetrievalError
from tuf.ngclient.fetcher import FetcherInterface

from codered.system.descriptors import READ_FILE

CHUNK = 64 << 10
MOST_REDIRECTS = 3
_MISSING = 404


class Limits(NamedTuple):
    """Seconds: for one silence of a server, for one file, for a whole update."""

    silence: float = 15.0
    file: float = 120.0
    whole: float = 600.0


USUAL_LIMITS = Limits()


def make_fetcher(place: str, limits: Limits = USUAL_LIMITS) -> FetcherInterface:
    """A fetcher of paths below a URL or a folder. Its time for a whole update begins now."""
    return WebFetcher(place, limits) if is_url(place) else FolderFetcher(Path(place))


def is_url(place: str) -> bool:
    """Whether a place is on a web server."""
    return place.lower().startswith(("http://", "https://"))


class FolderFetcher(FetcherInterface):
    """Reads a repository that lies in a folder; links, devices and pipes in it are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        parts = url.split("/")
        if any(part in ("", ".", "..") or os.sep in part for part in parts):
            raise DownloadError("a path that leads elsewhere")
        here = self._folder
        for part in parts[:-1]:
            here = here / part
            if here.is_symlink():
                raise DownloadError(f"{here} is a link")
        try:
            with open(os.open(here / parts[-1], READ_FILE), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise DownloadError(f"{here / parts[-1]} is no file")
                while chunk := file.read(CHUNK):
                    yield chunk
        except FileNotFoundError:
            raise DownloadHTTPError(f"{here / parts[-1]} is not there", _MISSING) from None
        except OSError as error:
            raise DownloadError(f"{here / parts[-1]} can't be read ({error.strerror})") from None


class WebFetcher(FetcherInterface):
    """Asks a web server; a timer cuts the connection when the time for a file is over, whatever the server sends."""

    def __init__(self, base: str, limits: Limits = USUAL_LIMITS) -> None:
        self._base = base.rstrip("/") + "/"
        self._limits = limits
        self._end = time.monotonic() + limits.whole

    def _fetch(self, url: str) -> Iterator[bytes]:
        """The answer's bytes. Raises DownloadError, SlowRetrievalError."""
        address = self._base + urllib.parse.quote(url)
        end = min(self._end, time.monotonic() + self._limits.file)
        for _ in range(MOST_REDIRECTS + 1):
            with self._ask(address, end) as answer:
                if answer.status not in (301, 302, 303, 307, 308):
                    yield from self._read(answer, address)
                    return
                address = _follow(address, answer.headers.get("Location", ""))
        raise DownloadError("is redirected too often")

    @contextmanager
    def _ask(self, address: str, end: float) -> Iterator[http.client.HTTPResponse]:
        """The answer, for as long as there is time."""
        parts = urllib.parse.urlsplit(address)
        over = threading.Event()
        connection: http.client.HTTPConnection | None = None
        timer: threading.Timer | None = None
        try:
            left = end - time.monotonic()
            if left <= 0:
                raise SlowRetrievalError("there is no time left for it")
            connection = _Connection(parts, min(self._limits.silence, left))
            timer = threading.Timer(left, _cut, (connection.sock, over))
            timer.daemon = True
            timer.start()
            connection.request("GET", urllib.parse.urlunsplit(("", "", parts.path, "", "")))
            yield connection.getresponse()
            if over.is_set():
                raise SlowRetrievalError("took too long")
        except (OSError, http.client.HTTPException, ValueError) as error:
            if over.is_set() or isinstance(error, TimeoutError):
                raise SlowRetrievalError("took too long") from None
            raise DownloadError(f"{type(error).__name__}: {error}") from None
        finally:
            if timer is not None:
                timer.cancel()
            if connection is not None:
                connection.close()

    def _read(self, answer: http.client.HTTPResponse, address: str) -> Iterator[bytes]:
        if answer.status != http.client.OK:
            raise DownloadHTTPError(f"{address} was answered by {answer.status}", answer.status)
        while chunk := answer.read1(CHUNK):
            yield chunk
        if answer.length:
            raise DownloadError("the connection ended before the file did")


class _Connection(http.client.HTTPConnection):
    """A connection whose socket is known before TLS begins, so that it can be cut then too. Raises OSError."""

    def __init__(self, parts: urllib.parse.SplitResult, timeout: float) -> None:
        secure = parts.scheme == "https"
        host = parts.hostname or ""
        super().__init__(host, parts.port or (443 if secure else 80), timeout=timeout)
        plain = socket.create_connection((self.host, self.port), timeout)
        self.sock: socket.socket = plain
        if secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


def _cut(connected: socket.socket, over: threading.Event) -> None:
    over.set()
    with contextlib.suppress(OSError):  # it is gone already
        # Of a TLS socket only the plain one below is shut: its own way would wait for the other side.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _follow(address: str, location: str) -> str:
    """Where a redirect leads: to the web only, and never from https to http. Raises DownloadError."""
    try:
        to = urllib.parse.urlsplit(urllib.parse.urljoin(address, location))
        _ = to.port
    except ValueError:
        raise DownloadError("is redirected to what is no address") from None
    secure = address.startswith("https://")
    if not location or to.scheme not in (("https",) if secure else ("http", "https")) or not to.hostname:
        raise DownloadError(f"is redirected to {to.scheme or 'nowhere'}:, which is not followed")
    return urllib.parse.urlunsplit(to)
