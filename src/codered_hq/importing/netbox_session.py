"""Asking a NetBox over HTTP(S): one host, no redirects, no proxies or passwords of the environment, bounded answers."""

import io
import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pynetbox
import requests
from pynetbox.core.query import ContentError, Request, RequestError

from codered.model.errors import CoverageIncomplete, Refused, WrongUse
from codered_hq.importing.values import show

CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 60.0
WHOLE_SECONDS: Final = 120.0
MOST_ANSWER: Final = 64 << 20
MOST_REQUESTS: Final = 20_000
PAGE: Final = 500
_CHUNK: Final = 1 << 16


class NoRights(Exception):
    """The server has no such list, or does not let us see it."""


class GuardedSession(requests.Session):
    """Asks one server only. `most_bytes` bounds one answer, MOST_REQUESTS all of them."""

    def __init__(self, url: str, most_bytes: int = MOST_ANSWER) -> None:
        super().__init__()
        self.trust_env = False  # a .netrc would put another password in the place of the token
        self._server = _server_of(url)
        self._most_bytes = most_bytes
        self._asked = 0

    def request(self, method: str, url: str | bytes, *args: Any, **more: Any) -> requests.Response:
        """As requests does, within our bounds. Raises Refused if it leads to another server or never ends."""
        asked = url if isinstance(url, str) else url.decode()
        if _server_of(asked) != self._server:
            advice = "see NetBox's settings for the address it gives itself"
            raise Refused(f"leads to another server: {show(asked, 120)}", where=self._server, advice=advice)
        self._asked += 1
        if self._asked > MOST_REQUESTS:
            raise Refused(f"has more than {MOST_REQUESTS} pages", where=self._server)
        more |= {"allow_redirects": False, "stream": True, "timeout": (CONNECT_SECONDS, READ_SECONDS)}
        with super().request(method, url, *args, **more) as answer:
            if answer.is_redirect:
                target = show(answer.headers.get("Location", ""), 120)
                advice = "redirects are not followed, the token would go along: give the final address"
                raise Refused(f"redirects to {target}", where=self._server, advice=advice)
            return self._read(answer)

    def _read(self, answer: requests.Response) -> requests.Response:
        """The same answer, wholly read."""
        begin, parts, size = time.monotonic(), [], 0
        for part in answer.iter_content(_CHUNK):
            size += len(part)
            if size > self._most_bytes or time.monotonic() - begin > WHOLE_SECONDS:
                raise Refused(f"an answer of more than {self._most_bytes} bytes or without end", where=self._server)
            parts.append(part)
        whole = requests.Response()
        whole.status_code, whole.reason = answer.status_code, answer.reason
        whole.headers, whole.url, whole.request = answer.headers, answer.url, answer.request
        whole.encoding, whole.raw = answer.encoding, io.BytesIO(b"".join(parts))
        return whole


class NetBox:
    """A NetBox's lists as plain dicts: pynetbox's own records ask the server again for each field they lack."""

    def __init__(self, url: str, token: str, *, verify: bool | str = True, most_bytes: int = MOST_ANSWER) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise WrongUse(f"not the address of a NetBox: {show(url)}", advice="write it as https://netbox.example.org")
        self.server = _server_of(url)
        session = GuardedSession(url, most_bytes)
        session.verify = verify
        self._api = pynetbox.api(url.rstrip("/"), token=token)
        self._api.http_session = session

    def list(self, app: str, name: str, most: int) -> Iterator[dict[str, Any]]:
        """The entries of a list, at most `most`. Raises NoRights, CoverageIncomplete, Refused and WrongUse."""
        endpoint = getattr(getattr(self._api, app), name)
        query = Request(base=endpoint.url, token=self._api.token, http_session=self._api.http_session, limit=PAGE)
        try:
            for count, entry in enumerate(query.get()):
                if count >= most:
                    raise WrongUse(f"more than {most} entries in {app}/{name}", where=self.server)
                if isinstance(entry, dict):
                    yield entry
        except RequestError as error:
            if error.req.status_code in (403, 404):
                raise NoRights(f"HTTP {error.req.status_code}") from None
            advice = "see the token" if error.req.status_code == 401 else "try again later"
            raise CoverageIncomplete(
                f"answers HTTP {error.req.status_code}", where=self.server, advice=advice
            ) from None
        except (ContentError, requests.exceptions.JSONDecodeError, KeyError, TypeError, RecursionError):
            raise CoverageIncomplete(f"{app}/{name} is not what NetBox answers", where=self.server) from None
        except requests.exceptions.SSLError as error:
            advice = "name the file of the certificate authority that signed its certificate"
            raise Refused(f"TLS: {show(str(error), 120)}", where=self.server, advice=advice) from None
        except requests.exceptions.RequestException as error:
            why = type(error).__name__
            raise CoverageIncomplete(f"does not answer ({why})", where=self.server, advice="see that it runs") from None


def _server_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise WrongUse(f"not an address: {show(url)}") from None
    return f"{parts.scheme}://{parts.hostname}:{port}"
