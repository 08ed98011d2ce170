"""Under which names the console is reached, and where it listens."""

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from codered.model.errors import WrongUse

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62})){0,9}")
_ORIGIN_ADVICE: Final = "write the proxy's address as people type it, as https://war.corp.example"


def check_name(name: str) -> str:
    """A host name or an address, as it is compared. Raises WrongUse."""
    plain = name.lower().rstrip(".").strip("[]")
    if not _NAME.fullmatch(plain) and not _is_address(plain):
        raise WrongUse("is no host name or address", where=f"--name {name[:64]!a}", advice="write war.corp.example")
    return plain


def check_origin(origin: str) -> str:
    """https://NAME or https://NAME:PORT, without what may follow. Raises WrongUse."""
    try:
        parts = urlsplit(origin)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise WrongUse("is no address", where=f"--behind-proxy {origin[:64]!a}", advice=_ORIGIN_ADVICE) from None
    if parts.scheme != "https" or not name or parts.path not in ("", "/") or parts.query or parts.username:
        raise WrongUse("is no https address", where=f"--behind-proxy {origin[:64]!a}", advice=_ORIGIN_ADVICE)
    return f"https://{_bracket(check_name(name))}" + (f":{port}" if port else "")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def list_names(host: str, given: Sequence[str]) -> list[str]:
    """All names of a console that listens on `host`: those of loopback, the host's own, those given."""
    names = [*given]
    if not is_loopback(host):
        names += [socket.gethostname().lower(), *([] if _is_any(host) else [host])]
    return list(dict.fromkeys([*LOOPBACK, *(name for name in names if _NAME.fullmatch(name) or _is_address(name))]))


def make_address(host: str, port: int, given: Sequence[str]) -> str:
    """https://NAME:PORT as somebody may type it."""
    shown = given[0] if given else "localhost" if is_loopback(host) else socket.gethostname() if _is_any(host) else host
    return f"https://{_bracket(shown)}:{port}"


def allow_names(names: Sequence[str]) -> str:
    """The names with commas between them, as codered_hq.console_settings reads them."""
    return ",".join(_bracket(name) for name in names)


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises WrongUse for a port that is taken, and a host that is not ours."""
    where = f"{_bracket(host)}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError):
        raise WrongUse("is no address of this machine", where=where, advice="see --host") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(512)
    except OSError as error:
        listening.close()
        what = f"can't listen there: {error.strerror}"
        raise WrongUse(what, where=where, advice="choose another with --port, or end what listens there") from None
    return listening


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified


def _bracket(name: str) -> str:
    return f"[{name}]" if ":" in name else name
