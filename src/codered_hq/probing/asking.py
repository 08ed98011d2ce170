"""What is sent: requests written by hand, byte for byte as the pack says, with who we are and whom to call."""

import random
import re
from typing import NamedTuple

from codered import __version__
from codered.model.countermeasures import SWEEP_AGENT
from codered.packs.checks.probes import RANDOM, find_danger
from codered_hq.probing.reading import Answer

HOME = "/"
_LETTERS = "abefghjkmnpqrtuwxyz"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_CONTACT = 100
_DEFAULTS = {False: 80, True: 443}


class Ask(NamedTuple):
    """One request of a probe: `key` is the path as the pack writes it, `path` what is sent."""

    method: str
    key: str
    path: str


class Door(NamedTuple):
    """One way into a host: a port, in plain or by TLS, and the name to ask for ("" = its address)."""

    port: int
    tls: bool
    name: str


def write_agent(contact: str) -> str:
    """The User-Agent field: this sweep, and whom to call about it."""
    told = "".join(letter for letter in contact if letter.isascii() and letter.isprintable())[:_MOST_CONTACT].strip()
    return f"{SWEEP_AGENT}{__version__}" + (f" ({told})" if told else "")


def write_request(ask: Ask, door: Door, address: str, agent: str) -> bytes:
    """The bytes of one request."""
    host = name_host(door, address)
    head = f"{ask.method} {ask.path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {agent}\r\n"
    return (head + "Accept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n").encode("ascii")


def name_host(door: Door, address: str) -> str:
    """The Host field: the name or address, with the port where it is not the usual one."""
    host = door.name or (f"[{address}]" if ":" in address else address)
    return host if door.port == _DEFAULTS[door.tls] else f"{host}:{door.port}"


def make_up(ask_path: str) -> str:
    """A path with a name that nobody has in place of `{random}`."""
    return ask_path.replace(RANDOM, "".join(random.choices(_LETTERS, k=12)))  # noqa: S311 (a name, no secret)


_PAGE = re.compile(
    r"/[a-z0-9_-]{1,40}/|/([a-z0-9_-]{1,40}/)?(index|default|home|login|main)(\.[a-z]{2,5})?", re.IGNORECASE
)
_DOING = re.compile(
    r"cgi|boot|start|stop|reset|delete|remove|shut|logout|format|off|exec|run|cmd|action|setup|apply|save|clear|kill",
    re.IGNORECASE,
)
"""Where a home page may lead us: a folder, or a page that is one by its name. A server must not choose what we send: a
path like /cgi-bin/reboot, or one with a query, may do something.
"""


def find_redirect(answer: Answer, door: Door, address: str) -> str:
    """The path that a home page sends us to, if it is on this very host, port and name, and harmless to ask for; ""
    for every other place.
    """
    target = answer.fields.get("location", "").partition("#")[0]
    if answer.status not in _REDIRECTS or not target:
        return ""
    start = f"{'https' if door.tls else 'http'}://{name_host(door, address)}"
    if target.lower().startswith(start.lower()):
        target = target[len(start) :] or HOME
    if not _PAGE.fullmatch(target) or _DOING.search(target) or find_danger(target):
        return ""
    return target
