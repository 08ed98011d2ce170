"""What a browser is told about each answer, judged by the rules of the Mozilla Observatory: all green."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.templatetags.static import static
from django.test import Client
from django.test.client import RequestFactory

from codered_hq.console.away import Sessions
from tests.fixtures.console_desk import sign_in

pytestmark = pytest.mark.django_db
TAKES: Final = {"script-src", "style-src", "img-src", "font-src", "connect-src", "manifest-src"}


def read_policy(answer: HttpResponseBase) -> dict[str, list[str]]:
    lines = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in lines}


def has_strict_policy(answer: HttpResponseBase) -> bool:
    policy = read_policy(answer)
    everything = [source for sources in policy.values() for source in sources]
    closed = all(policy[name] == ["'none'"] for name in ("default-src", "base-uri", "frame-ancestors"))
    return closed and policy["form-action"] == ["'self'"] and set(everything) <= {"'self'", "'none'"}


def has_safe_cookies(answer: HttpResponseBase) -> bool:
    """Each is for this host and TLS alone, and sent with nobody else's posts; no script reads it."""
    return all(
        each["secure"] and each["httponly"] and each["samesite"] in ("Lax", "Strict") and not each["domain"]
        for each in answer.cookies.values()
    )


OBSERVATORY: Final[dict[str, Callable[[HttpResponseBase], bool]]] = {
    "Content-Security-Policy": has_strict_policy,
    "Cookies": has_safe_cookies,
    "Cross-Origin Resource Sharing": lambda answer: "Access-Control-Allow-Origin" not in answer.headers,
    "Redirection": lambda answer: not answer.headers.get("Location", "/").startswith("http:"),
    "Referrer-Policy": lambda answer: answer.headers["Referrer-Policy"] == "same-origin",
    "Strict-Transport-Security": lambda answer: (
        int(re.sub(r"max-age=(\d+).*", r"\1", answer.headers["Strict-Transport-Security"])) >= 15_768_000
    ),
    "X-Content-Type-Options": lambda answer: answer.headers["X-Content-Type-Options"] == "nosniff",
    "X-Frame-Options": lambda answer: answer.headers["X-Frame-Options"] == "DENY",
    "Cross-Origin-Resource-Policy": lambda answer: answer.headers["Cross-Origin-Resource-Policy"] == "same-origin",
    "Cross-Origin-Opener-Policy": lambda answer: answer.headers["Cross-Origin-Opener-Policy"] == "same-origin",
    "Permissions-Policy": lambda answer: "camera=()" in answer.headers["Permissions-Policy"],
}


def judge(answer: HttpResponseBase) -> list[str]:
    """What is not green."""
    return [name for name, is_green in OBSERVATORY.items() if not is_green(answer)]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/nothing/here", 404), ("/", 302), ("/account/login/", 200), ("/static/none.css", 404)],
)
def test_all_is_green_for_a_stranger(client: Client, path: str, status: int) -> None:
    answer = client.get(path, secure=True)
    assert (answer.status_code, judge(answer)) == (status, [])
    assert answer.headers["Cache-Control"] in ("no-store", "max-age=0, no-cache, no-store, must-revalidate, private")


@pytest.mark.parametrize("path", ["/", "/hosts/", "/nothing"])
def test_all_is_green_for_who_is_signed_in(client: Client, path: str) -> None:
    answer = sign_in(client, None).get(path, secure=True)
    assert judge(answer) == []
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_session_is_for_this_host_alone_and_half_a_day() -> None:
    def choose(request: HttpRequest) -> HttpResponse:
        request.session["incident"] = "outbreak"
        return HttpResponse()

    request = RequestFactory().get("/")
    answer = Sessions(choose)(request)
    assert isinstance(answer, HttpResponse)
    cookie = answer.cookies["__Host-session"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")
    assert (cookie["domain"], cookie["expires"], cookie["max-age"]) == ("", "", "")  # ends with the browser
    assert request.session.get_expiry_age() == 12 * 3600
    assert settings.CSRF_COOKIE_NAME.startswith("__Host-")


def test_what_breaks_a_rule_is_not_green(client: Client) -> None:
    answer = client.get("/healthz", secure=True)
    answer.headers["Content-Security-Policy"] += "; script-src 'unsafe-inline'"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Strict-Transport-Security"] = "max-age=60"
    answer.set_cookie("loose", "1")
    assert judge(answer) == [
        "Content-Security-Policy", "Cookies", "Cross-Origin Resource Sharing", "Strict-Transport-Security",
    ]  # fmt: skip


def test_localhost_is_not_bound_to_tls_for_ever(client: Client) -> None:
    answer = client.get("/healthz", secure=True, headers={"host": "localhost:8443"})
    assert "Strict-Transport-Security" not in answer.headers


def test_files_are_kept_and_pages_are_not(client: Client) -> None:
    answer = client.get(static("console/console.css"), secure=True)
    assert (answer.status_code, judge(answer)) == (200, [])
    assert "immutable" in answer.headers["Cache-Control"]
