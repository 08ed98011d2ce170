"""TLS around a connection, in memory. No certificate is checked and every old version is allowed: we only read."""

import ssl

_LEGACY = 0x4  # OP_LEGACY_SERVER_CONNECT, which has its name from Python 3.12 on


class HandshakeFailed(Exception):
    """The other side and we did not come to terms, and why."""


def make_context() -> ssl.SSLContext:
    """A context that talks to whatever still talks TLS, as far as this OpenSSL can."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= _LEGACY
    return context


class Wrapping:
    """One connection's TLS: what comes goes in by `feed`, what must be sent comes out of `pull`."""

    __slots__ = ("_in", "_layer", "_out", "ready")

    def __init__(self, context: ssl.SSLContext, name: str) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._layer = context.wrap_bio(self._in, self._out, server_hostname=name or None)
        self.ready = False
        """Whether the handshake is done."""

    def shake(self, data: bytes) -> bool:
        """Go on with the handshake with what came; True = done. Raises HandshakeFailed."""
        self._in.write(data)
        try:
            self._layer.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except (ssl.SSLError, ValueError) as error:
            told = getattr(error, "reason", None) or str(error)
            raise HandshakeFailed(str(told).replace("_", " ").lower()[:80]) from None
        self.ready = True
        return True

    def seal(self, data: bytes) -> None:
        """Wrap what we say."""
        self._layer.write(data)

    def feed(self, data: bytes) -> tuple[bytes, bool]:
        """What the other side says in what came, and whether it closed in order. Raises HandshakeFailed when it is no
        TLS any more.
        """
        self._in.write(data)
        if not data:
            self._in.write_eof()
        plain = bytearray()
        try:
            while piece := self._layer.read(65536):
                plain += piece
        except ssl.SSLWantReadError:
            return bytes(plain), False
        except ssl.SSLZeroReturnError:
            return bytes(plain), True
        except ssl.SSLError as error:
            if plain:
                return bytes(plain), False
            if not data:
                return b"", False
            raise HandshakeFailed(str(error.reason or error).replace("_", " ").lower()[:80]) from None
        return bytes(plain), True

    def pull(self) -> bytes:
        """What must be sent now."""
        return self._out.read()
