"""The server of the console: Uvicorn, with TLS of its own or behind a proxy on this machine."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import uvicorn
from django.db import connections

from codered_hq.console.asgi import application
from codered_hq.console.live.pulse import PULSE
from codered_hq.serving.guarding import HEAD_SECONDS, GuardedProtocol

GRACE_SECONDS: Final = 2
"""That answers under way have when the server ends."""
IDLE_SECONDS: Final = 15
MOST_CONNECTIONS: Final = 1000


class ConsoleServer(uvicorn.Server):
    """Ends in order on Ctrl-C and SIGTERM, the live parts of pages first, and leaves it at that: Uvicorn would send
    itself the signal once more.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear them until it has ended."""
        with super().capture_signals():
            try:
                yield
            finally:
                self._captured_signals.clear()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what never ends by itself, then the rest."""
        await asyncio.to_thread(PULSE.stop)
        await super().shutdown(sockets)


def make_server(context: ssl.SSLContext | None) -> ConsoleServer:
    """A server; without TLS it is one behind a proxy: who asks, and by which scheme, is then what the proxy says, if it
    is on this machine. Headquarters must be open.
    """
    config = uvicorn.Config(
        application, lifespan="off", http=GuardedProtocol, ws="none", log_config=None, access_log=False,
        server_header=False, timeout_keep_alive=IDLE_SECONDS, timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=MOST_CONNECTIONS, proxy_headers=context is None, forwarded_allow_ips=["127.0.0.1", "::1"],
        ssl_context_factory=(lambda _config, _default: context) if context else None,
    )  # fmt: skip
    return ConsoleServer(config)


def run_server(server: ConsoleServer, listening: socket.socket) -> None:
    """Serve until somebody ends it."""
    connections.close_all()
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        if server.config.is_ssl or server.config.ssl_context_factory:
            loop = runner.get_loop()
            limited = partial(loop.create_server, ssl_handshake_timeout=HEAD_SECONDS)
            loop.create_server = limited  # type: ignore[method-assign]  # Uvicorn has no word for it
        runner.run(server.serve(sockets=[listening]))
