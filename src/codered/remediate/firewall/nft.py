"""libnftables, called in this very process: what is asked of the kernel's firewall goes as JSON in one transaction, all
of it or nothing. Works on the network namespace of the thread that opens it.
"""

import ctypes
import errno
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import msgspec

from codered.model.target import Unsupported
from codered.remediate.file_state import ChangeFailed, escape_text

Part = dict[str, object]
"""A piece of a request or an answer, as libnftables-json(5) describes it."""

_LIBRARY = "libnftables.so.1"
NETLINK_NETFILTER = 12
_JSON = 1 << 4
_MOST_STORY = 300
# No such table; a kernel without its family.
_ABSENT = tuple(os.strerror(code) for code in (errno.ENOENT, errno.EAFNOSUPPORT, errno.EOPNOTSUPP))


class FirewallFailed(ChangeFailed):
    """The firewall can't be asked, or it refused; the message is one line for the user."""


class Nft:
    """An open libnftables context."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._context = library.nft_ctx_new(0)
        if not self._context:
            raise FirewallFailed("libnftables does not start: out of memory")
        library.nft_ctx_buffer_output(self._context)
        library.nft_ctx_buffer_error(self._context)
        library.nft_ctx_output_set_flags(self._context, _JSON)

    def close(self) -> None:
        """Let go of it."""
        self._library.nft_ctx_free(self._context)
        self._context = None

    def run(self, request: bytes) -> bytes:
        """Carry out an encoded request in one transaction; the answer. Raises FirewallFailed: nothing was changed."""
        code = self._library.nft_run_cmd_from_buffer(self._context, request)
        answer = self._library.nft_ctx_get_output_buffer(self._context) or b""
        story = self._library.nft_ctx_get_error_buffer(self._context) or b""
        if code:
            raise FirewallFailed(_tell(story))
        return bytes(answer)

    def ask(self, *commands: Part) -> list[Part]:
        """Carry out a request and take its answer apart. Raises FirewallFailed."""
        raw = self.run(encode_request(commands))
        if not raw:
            return []
        try:
            return msgspec.json.decode(raw.decode(errors="backslashreplace"), type=dict[str, list[Part]])["nftables"]
        except (msgspec.DecodeError, KeyError):
            raise FirewallFailed("libnftables answered with what is no ruleset") from None

    def list_table(self, family: str, name: str) -> list[Part] | None:
        """Everything in one table, None if there is none. Raises FirewallFailed. (To ask for the names of all tables
        first would read all that is in them.)
        """
        try:
            return self.ask({"list": {"table": {"family": family, "name": name}}})
        except FirewallFailed as error:
            if any(words in str(error) for words in _ABSENT):
                return None
            raise


def encode_request(commands: Sequence[Part]) -> bytes:
    """A request as `run` takes it."""
    return msgspec.json.encode({"nftables": list(commands)})


@contextmanager
def open_nft() -> Iterator[Nft]:
    """libnftables, open for the time of the block. Raises FirewallFailed with what to do."""
    nft = start_nft()
    try:
        yield nft
    finally:
        nft.close()


def start_nft() -> Nft:
    """libnftables, open until it is closed. Raises FirewallFailed with what to do."""
    missing = explain_unsupported()
    if missing is not None:
        raise FirewallFailed(missing.reason)
    return Nft(_load())


def explain_unsupported() -> Unsupported | None:
    """Why this host's firewall can't be used by us, with what can be done instead; None if it can."""
    if os.geteuid() != 0:
        return Unsupported("network", "changing the firewall needs root: run this as root")
    try:
        _load()
    except (OSError, AttributeError):
        reason = f"{_LIBRARY} is missing: install libnftables1, or load the rules that `codered contain suggest` writes"
        return Unsupported("network", reason)
    try:  # without it libnftables would end this process
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER).close()
    except OSError as error:
        return Unsupported("network", f"this kernel has no nftables ({error.strerror}): block the host at its switch")
    return None


@cache
def _load() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    library.nft_ctx_new.restype = ctypes.c_void_p
    library.nft_ctx_new.argtypes = [ctypes.c_uint32]
    for name in ("nft_ctx_free", "nft_ctx_buffer_output", "nft_ctx_buffer_error"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
    for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
        getattr(library, name).restype = ctypes.c_char_p
    library.nft_ctx_output_set_flags.argtypes = [ctypes.c_void_p, ctypes.c_uint]
    library.nft_run_cmd_from_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    return library


def _tell(story: bytes) -> str:
    """Libnftables' own words on one line."""
    lines = [line.partition("Error: ")[2].strip() for line in story.decode(errors="backslashreplace").splitlines()]
    told = "; ".join(dict.fromkeys(line for line in lines if line))
    return f"the firewall refused: {escape_text(told or 'without a word')[:_MOST_STORY]}"
