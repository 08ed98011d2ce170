import json
from typing import Any

import pytest

from codered.model.errors import CoverageIncomplete, Refused, WrongUse
from codered_hq.importing import netbox_session
from codered_hq.importing.netbox_session import GuardedSession, NetBox, NoRights
from tests.fixtures.netbox_servers import Answer, serving_netbox


def page(results: list[Any], following: str | None = None) -> Answer:
    return 200, {}, json.dumps({"count": 9, "next": following, "previous": None, "results": results}).encode()


SITES = "/api/dcim/sites/"


def ask(answer: Answer, most: int = 10, **more: Any) -> list[dict[str, Any]]:
    with serving_netbox({SITES: answer}) as (url, _):
        return list(NetBox(url, "secret", **more).list("dcim", "sites", most))


def test_entries_come_with_the_token_and_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with serving_netbox({SITES: page([{"id": 1}, "odd"])}) as (url, asked):
        assert list(NetBox(url + "/", "secret").list("dcim", "sites", 5)) == [{"id": 1}]
    assert asked == [(SITES + "?limit=500", "Token secret")]


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        ((302, {"Location": "http://127.0.0.2/"}, b""), Refused, "redirects to http://127.0.0.2/"),
        ((301, {"Location": SITES}, b""), Refused, "redirects to"),
        (page([{"id": 1}], "http://127.0.0.2/api/dcim/sites/?offset=1"), Refused, "leads to another server"),
        ((403, {}, b"{}"), NoRights, "HTTP 403"),
        ((401, {}, b"{}"), CoverageIncomplete, "HTTP 401 — see the token"),
        ((500, {}, b"oops"), CoverageIncomplete, "HTTP 500"),
        ((200, {}, b"<html>"), CoverageIncomplete, "not what NetBox answers"),
        ((200, {}, b'{"results": [1]}'), CoverageIncomplete, "not what NetBox answers"),
        ((200, {}, b"[" * 100_000), CoverageIncomplete, "not what NetBox answers"),
        ((200, {}, b"x" * 5000), Refused, "more than 4000 bytes"),
        ((200, {"Content-Length": "99"}, b"{}"), CoverageIncomplete, "does not answer"),
        (page([{"id": n} for n in range(20)]), WrongUse, "more than 10 entries"),
    ],
)
def test_hostile_servers(answer: Answer, error: type[Exception], why: str) -> None:
    most_bytes = 200_000 if b"[" * 9 in answer[2] else 4000
    with pytest.raises(error, match=why):
        ask(answer, most_bytes=most_bytes)


def test_pages_without_end_and_wrong_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netbox_session, "MOST_REQUESTS", 5)
    answers: dict[str, Answer] = {}
    with serving_netbox(answers) as (url, asked):
        answers[SITES] = page([{"id": 1}], f"{url}{SITES}?again")
        with pytest.raises(Refused, match="more than 5 pages"):
            list(NetBox(url, "secret").list("dcim", "sites", 1000))
        assert len(asked) == 5
    with pytest.raises(CoverageIncomplete, match="does not answer"):
        list(NetBox(url, "secret").list("dcim", "sites", 10))
    for wrong in ("ftp://x", "netbox", "http://x:y", "file:///etc/passwd"):
        with pytest.raises(WrongUse, match="not"):
            NetBox(wrong, "secret")
    with serving_netbox({SITES: page([])}) as (url, _), pytest.raises(Refused, match="TLS"):
        list(NetBox(url.replace("http:", "https:"), "secret").list("dcim", "sites", 10))
    with pytest.raises(Refused, match="leads to another server"):
        GuardedSession("http://127.0.0.1:1").get("http://127.0.0.1:2/")
