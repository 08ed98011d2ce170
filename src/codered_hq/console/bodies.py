"""How much somebody may send in one request, and how slowly: checked before any of it is kept, as Django keeps all."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MOST_BYTES: Final = 4 << 20
MOST_OF_PROGRAM: Final = 17 << 20  # the API says itself what is more than its 16
SILENT_SECONDS: Final = 30.0
"""A body of which nothing comes for so long is ended."""
WHOLE_SECONDS: Final = 120.0
"""That all of a body may take."""
_PROGRAMS: Final = "/api/"
_TOO_LARGE, _TOO_SLOW = 413, 408
_TEXTS: Final = {_TOO_LARGE: b"too large\n", _TOO_SLOW: b"too slow\n"}


class _EndedError(Exception):
    """The body must not be read on; the argument is the status."""


class Bodies:
    """Answers 413 to a body that is too large, 408 to one that stops coming; the application then sees a client that
    went away.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        reader = _Reader(receive, find_most(scope))
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > reader.most:
            await _refuse(send, _TOO_LARGE)
            return
        try:
            await self.application(scope, reader.receive, send)
        except _EndedError as ended:
            await _refuse(send, int(ended.args[0]))


class _Reader:
    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self.most = receive, most
        self._read, self._whole, self._until = 0, False, asyncio.get_running_loop().time() + WHOLE_SECONDS

    async def receive(self) -> Message:
        if self._whole:  # only a client that goes away is still to come
            return await self._receive()
        try:
            left = self._until - asyncio.get_running_loop().time()
            message = await asyncio.wait_for(self._receive(), min(SILENT_SECONDS, left))
        except TimeoutError:
            raise _EndedError(_TOO_SLOW) from None
        self._read += len(message.get("body", b""))
        self._whole = message["type"] != "http.request" or not message.get("more_body", False)
        if self._read > self.most:
            raise _EndedError(_TOO_LARGE)
        return message


def find_most(scope: MutableMapping[str, Any]) -> int:
    """Bytes that the body of this request may have: programs post findings by thousands."""
    return MOST_OF_PROGRAM if str(scope["path"]).startswith(_PROGRAMS) else MOST_BYTES


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": _TEXTS[status]})
