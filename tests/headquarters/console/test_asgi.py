"""The console as a server of many sees it."""

import asyncio

import pytest

from codered_hq.console.bodies import Message


@pytest.mark.django_db
def test_bodies_are_limited_before_django_keeps_them() -> None:
    from codered_hq.console.asgi import application

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nothing of it is to be read")

    headers = [(b"content-length", b"99999999999")]
    asyncio.run(application({"type": "http", "path": "/", "headers": headers}, receive, send))
    assert sent[0]["status"] == 413
