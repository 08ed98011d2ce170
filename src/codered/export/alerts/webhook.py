"""Alerts as JSON documents posted to a web address. No redirect is followed: who moves it shall be asked again."""

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import msgspec

from codered.export.alerts.courier import Courier
from codered.model.errors import WrongUse
from codered.model.monitoring import MonitorEvent

SECONDS = 5.0
_MOST_ANSWER = 1 << 16


class Webhook:
    """Posts to one `http` or `https` address."""

    def __init__(self, url: str) -> None:
        """Raises WrongUse if the address is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            advice = "write http://… or https://…"
            raise WrongUse("is no web address", where=f"--webhook {url[:200]!a}", advice=advice)
        self._url = url
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
        ):
            self._opener.add_handler(handler)
        self._courier = Courier("webhook", self._deliver)

    def send(self, event: MonitorEvent) -> None:
        """Take an alert."""
        self._courier.send(msgspec.json.encode(event))

    def troubles(self) -> tuple[str, ...]:
        """What could not be delivered."""
        return self._courier.troubles()

    def close(self) -> None:
        """Deliver what waits and end."""
        self._courier.close()

    def _deliver(self, body: bytes) -> None:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            self._url, data=body, method="POST", headers={"Content-Type": "application/json", "User-Agent": "codered"}
        )
        try:
            answer = self._opener.open(request, timeout=SECONDS)
            if answer is not None:
                with answer:
                    answer.read(_MOST_ANSWER)
        except urllib.error.HTTPError as error:
            error.close()
            raise OSError(f"the receiver answered {error.code}") from None
        except (http.client.HTTPException, ValueError) as error:
            raise OSError(f"the receiver answered nonsense ({type(error).__name__})") from None
