"""What a connection may cost before anybody asks something: seconds until a request's head is whole, and how many one
address may have open.
"""

import asyncio
from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 10.0
MOST_FROM_ONE: Final = 100
"""Open connections of one address (IPv6: one /64); this machine, and a proxy on it, may have all."""
_open: Counter[str] = Counter()


class GuardedProtocol(HttpToolsProtocol):
    """Ends who is silent before he has asked, and who has too many connections already."""

    _waiting: asyncio.TimerHandle | None = None
    _peer = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as Uvicorn's own
        """TLS is agreed by now."""
        super().connection_made(transport)
        self._peer = name_peer(self.client[0] if self.client else "")
        _open[self._peer] += 1
        if self._peer and _open[self._peer] > MOST_FROM_ONE:
            transport.abort()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        _open[self._peer] -= 1
        if not _open[self._peer]:
            del _open[self._peer]
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some of a head, or of a body."""
        if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Whoever asks is known by what he asks."""
        self._wait_no_more()
        super().on_headers_complete()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def name_peer(address: str) -> str:
    """Whom a connection from this address is counted for; "" = nobody, it is not limited."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:  # a socket of this machine
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return ""
    return str(ip_network((int(found), 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
