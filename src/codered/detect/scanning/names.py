"""Addresses that a name server gave to a client a while ago: who asks for a name does not guess an address."""

MOST_NAMES = 200_000


class ResolvedNames:
    """Two generations of (client, address) with the time of the answer; a client b"" = anybody on this host. What was
    asked for by the other family explains the address for anybody: who asked is not known by that family's address, and
    nobody guesses one of the few addresses that somebody asked for.
    """

    def __init__(self, seconds: float, most: int = MOST_NAMES) -> None:
        self._seconds, self._most = seconds, most // 2
        self._young: dict[bytes, float] = {}
        self._old: dict[bytes, float] = {}
        self.seen = False

    def add(self, client: bytes, address: bytes, now: float) -> None:
        """A name server answered this client with this address."""
        self.seen = True
        if len(client) in (4, 16) and len(address) in (4, 16) and len(client) != len(address):
            client = b""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[bytes((len(client),)) + client + address] = now

    def knows(self, client: bytes, address: bytes, now: float) -> bool:
        """Whether the client, or this host, was given the address within its time."""
        return self.seen and (
            self._is_young(client, address, now) or (client != b"" and self._is_young(b"", address, now))
        )

    def _is_young(self, client: bytes, address: bytes, now: float) -> bool:
        key = bytes((len(client),)) + client + address
        when = self._young.get(key) or self._old.get(key)
        return when is not None and now - when <= self._seconds
