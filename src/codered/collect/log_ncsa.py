"""The NCSA family: access logs of Apache, nginx and IIS (common, combined, vhost in front, X-Forwarded-For behind)."""

import ipaddress
from functools import lru_cache

from codered.collect.log_requests import find_closing_quote, read_request, unescape
from codered.collect.log_times import read_clf_time
from codered.model.observation import LogHit

_REMEMBERED = 4096
_LONGEST_REMEMBERED = 2048  # bytes of a line's second half: a worm sends the same one from everywhere
_LONGEST_CLIENT = 256  # bytes before the time that are remembered: any line may hold 2 MiB there
_CLOCK = 26  # bytes of `19/Jul/2001:15:38:38 +0200`
_MOST_BRACKETS = 16  # places where the time may start: a user name may hold brackets
_MOST_STATUS_QUOTES = 64

Tail = tuple[str, str, str, str, str]  # request, status, referer, agent, forwarded


def read_access_line(line: bytes) -> LogHit | None:
    """One line of an access log; None if it is none."""
    opening = line.find(b" [")
    closing = opening + 2 + _CLOCK
    tried = 0
    while line[closing : closing + 3] != b'] "' or opening < 0:
        opening = line.find(b" [", opening + 2)
        closing = opening + 2 + _CLOCK
        tried += 1
        if opening < 0 or tried > _MOST_BRACKETS:
            return None
    time = read_clf_time(line[opening + 2 : closing])
    rest = line[closing + 3 :]
    tail = _recall_tail(rest) if len(rest) <= _LONGEST_REMEMBERED else _read_tail(rest)
    if time is None or tail is None:
        return None
    request, status, referer, agent, forwarded = tail
    before = line[:opening]
    return LogHit(
        address=_recall_address(before) if len(before) <= _LONGEST_CLIENT else _read_address(before),
        time=time,
        request=request,
        status=status,
        referer=referer,
        agent=agent,
        forwarded=forwarded,
    )


def _read_tail(rest: bytes) -> Tail | None:
    """What follows the opening quote of the request. A server of 2001 did not escape quotes in it: the field ends at
    the first quote that a status follows.
    """
    end = find_closing_quote(rest, 0)
    for _ in range(_MOST_STATUS_QUOTES):
        if end < 0:
            return None
        status = rest[end + 2 : end + 5]
        if rest[end + 1 : end + 2] == b" " and status.isdigit() and rest[end + 5 : end + 6] in (b" ", b"", b"\r"):
            break
        end = find_closing_quote(rest, end + 1)
    else:
        return None
    fields = _read_quoted(rest, end + 5)
    return read_request(rest[:end]), status.decode(), fields[0], fields[1], fields[2]


_recall_tail = lru_cache(maxsize=_REMEMBERED)(_read_tail)


def _read_quoted(rest: bytes, at: int) -> list[str]:
    """The next three quoted fields, "" for those that are missing or `-`."""
    found: list[str] = []
    while len(found) < 3:
        start = rest.find(b'"', at)
        end = find_closing_quote(rest, start + 1) if start >= 0 else -1
        if end < 0:
            break
        text = unescape(rest[start + 1 : end]).decode("latin-1")
        found.append("" if text == "-" else text)
        at = end + 1
    return [*found, "", "", ""][:3]


def _read_address(before: bytes) -> str:
    """The client in `[vhost[:port] ]client ident user`, where the user may hold spaces."""
    words = before.lstrip(b"\0").split(b" ", 3)
    word = words[0]
    if len(words) == 4 and not _is_address(word) and (_is_address(words[1]) or _has_port(word)):
        word = words[1]
    return word.decode("latin-1")


_recall_address = lru_cache(maxsize=1 << 14)(_read_address)


def _is_address(word: bytes) -> bool:
    try:
        ipaddress.ip_address(word.decode("latin-1"))
    except ValueError:
        return False
    return True


def _has_port(word: bytes) -> bool:
    name, _, port = word.rpartition(b":")
    return bool(name) and port.isdigit()
