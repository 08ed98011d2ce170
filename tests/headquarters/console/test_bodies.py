"""Bodies that are too large or too slow are ended before anything keeps them."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from codered_hq.console import bodies

Scope = MutableMapping[str, Any]


def make_scope(path: str = "/", **headers: str) -> Scope:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "path": path, "headers": raw}


def post(scope: Scope, *chunks: bytes, stops: bool = False) -> tuple[int, int]:
    """The status of the answer, and how many bytes the application got."""
    sent: list[bodies.Message] = []
    got: list[int] = []

    async def application(_scope: Scope, receive: bodies.Receive, send: bodies.Send) -> None:
        while (message := await receive()).get("more_body"):
            got.append(len(message["body"]))
        got.append(len(message["body"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})

    left = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if not stops:
        left[-1]["more_body"] = False

    async def receive() -> bodies.Message:
        if not left:
            await asyncio.sleep(60)
        return left.pop(0)

    async def send(message: bodies.Message) -> None:
        sent.append(message)

    asyncio.run(bodies.Bodies(application)(scope, receive, send))
    return sent[0]["status"], sum(got)


def test_what_fits_passes() -> None:
    assert post(make_scope(), b"a" * 1000, b"b" * 500) == (200, 1500)


def test_a_length_that_is_too_large_is_not_read_at_all() -> None:
    assert post(make_scope(content_length=str(bodies.MOST_BYTES + 1)), b"a") == (413, 0)
    assert post(make_scope(content_length="9" * 5000), b"a") == (413, 0)


def test_a_length_that_lies_is_counted() -> None:
    chunk = b"a" * (bodies.MOST_BYTES // 2)
    status, kept = post(make_scope(content_length="1"), chunk, chunk, b"a", chunk)
    assert (status, kept <= bodies.MOST_BYTES) == (413, True)


def test_a_body_that_stops_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SILENT_SECONDS", 0.05)
    assert post(make_scope(), b"a", stops=True) == (408, 1)


def test_a_body_that_comes_byte_by_byte_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "WHOLE_SECONDS", 0.05)
    assert post(make_scope(), b"a", b"b", b"c", stops=True) == (408, 3)


def test_only_programs_may_send_more() -> None:
    assert bodies.find_most(make_scope("/api/v1/ingest/findings")) == bodies.MOST_OF_PROGRAM
    assert bodies.find_most(make_scope("/account/login/", content_type="multipart/form-data")) == bodies.MOST_BYTES
