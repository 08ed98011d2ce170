"""The stream that a page listens to: a line for each topic that moved, never what it says."""

import asyncio
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from codered.model.errors import Refused
from codered_hq.accounts.models import Account
from codered_hq.console.acting import page
from codered_hq.console.entry import may_enter
from codered_hq.console.live.pulse import PULSE, Stream
from codered_hq.console.viewing import Viewer

HEARTBEAT = 15.0  # seconds
LONGEST_MARK = 40


@page  # type: ignore[arg-type]  # it is streamed
def stream(request: HttpRequest, viewer: Viewer) -> HttpResponseBase:
    """GET /live/: server-sent events, `event: TOPIC`, `id` and `data` the mark. What moved since Last-Event-ID, or
    ?since=, is sent at once. 503 if too many watch.
    """
    if PULSE.is_full(viewer.account.pk):
        return HttpResponse("too many pages are watched live\n", "text/plain", 503, headers={"Retry-After": "60"})
    since = (request.headers.get("Last-Event-ID") or request.GET.get("since", ""))[:LONGEST_MARK]
    answer = StreamingHttpResponse(_send(since, request.session, viewer.account.pk), content_type="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@page
def show_worker(request: HttpRequest, _viewer: Viewer) -> HttpResponse:
    """Whether the worker lives, as a part of every page."""
    return render(request, "console/worker_part.html")


def may_stay(session: SessionBase, account: int) -> bool:
    """Whether this session still is of that account (its number), and the door would let it in."""
    key = session.session_key
    signed_in = bool(key) and type(session)(session_key=key).get(SESSION_KEY) is not None
    found = Account.objects.select_related("user", "person").filter(pk=account).first() if signed_in else None
    return found is not None and may_enter(found)


def _let_go() -> None:
    """The request's thread keeps no connection while its stream lasts."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


async def _send(since: str, session: SessionBase, account: int) -> AsyncIterator[bytes]:
    await sync_to_async(_let_go)()
    listening = Stream(lambda: may_stay(session, account), asyncio.get_running_loop(), account)
    try:
        PULSE.join(listening)
    except Refused:  # somebody else came first
        return
    try:
        async for line in _tell(listening, since):
            yield line
    finally:
        PULSE.leave(listening)


async def _tell(listening: Stream, since: str) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    while not listening.ended:
        mark, moved = PULSE.find_moved(since)
        for topic in moved:
            yield f"event: {topic}\nid: {mark}\ndata: {mark}\n\n".encode()
        since = mark or since
        try:
            await asyncio.wait_for(listening.woken.wait(), HEARTBEAT)
        except TimeoutError:
            yield b": still here\n\n"
        listening.woken.clear()
    if listening.signed_out:
        yield b"event: end\ndata: end\n\n"
