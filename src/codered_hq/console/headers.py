"""Headers of each answer that neither Django nor django-csp sets."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase

POLICIES: Final = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}
LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")


class Headers:
    """Outermost: what is answered by any other one passes here, files too. A page is kept nowhere, unless its view says
    how. A browser told to demand TLS of `localhost` would demand it of every other server of that machine: it isn't.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer with its headers."""
        response = self.get_response(request)
        for name, value in POLICIES.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if request.headers.get("Host", "").rsplit(":", 1)[0] in LOOPBACK:
            response.headers.pop("Strict-Transport-Security", None)
        return response
