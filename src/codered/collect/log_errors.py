"""Error logs of Apache and nginx, and URLScan's log: a message, the client it is about, sometimes the request."""

from codered.collect.log_requests import find_closing_quote, read_request
from codered.collect.log_times import read_ctime, read_iso_time, read_us_time
from codered.model.observation import LogHit

_QUOTED_REQUESTS = (b"Invalid URI in request ", b"Invalid method in request ")  # Apache's words before a whole request


def read_apache_error(line: bytes) -> LogHit | None:
    """`[Sun Jul 29 10:00:00 2001] [error] [client 192.0.2.1:80] message`; no zone, so its time is taken as UTC."""
    line = line.lstrip(b"\0")
    end = line.find(b"] ")
    time = read_ctime(line[1:end]) if line[:1] == b"[" and end > 0 else None
    if time is None:
        return None
    at = line.find(b" [client ", end)
    close = line.find(b"]", at)
    if at < 0 or close < 0:
        return None
    message = line[close + 1 :].strip()
    return LogHit(
        address=_without_port(line[at + 9 : close]),
        time=time,
        request=_request_in(message),
        status="",
        error=message.decode("latin-1"),
    )


def _request_in(message: bytes) -> str:
    for words in _QUOTED_REQUESTS:
        at = message.find(words)
        if at >= 0:
            return read_request(message[at + len(words) :])
    return ""


def _without_port(client: bytes) -> str:
    """The address alone, out of `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if client.count(b":") == 1 or (client.startswith(b"[") and b"]:" in client):
        client = client.rpartition(b":")[0].strip(b"[]")
    return client.decode("latin-1")


def read_nginx_error(line: bytes) -> LogHit | None:
    """`2023/01/02 10:00:00 [error] 1#1: *5 message, client: 192.0.2.1, server: _, request: "GET /x HTTP/1.1", …`."""
    words = line.lstrip(b"\0").split(b" ", 3)
    if len(words) < 4 or words[0].count(b"/") != 2 or words[2][:1] != b"[":
        return None
    time = read_iso_time(words[0], words[1])
    at = words[3].find(b", client: ")
    if time is None or at < 0:
        return None
    facts = words[3][at + 10 :]
    start = facts.find(b', request: "')
    end = find_closing_quote(facts, start + 12) if start >= 0 else -1
    return LogHit(
        address=facts.partition(b",")[0].strip().decode("latin-1"),
        time=time,
        request=read_request(facts[start + 12 : end]) if end >= 0 else "",
        status="",
        error=words[3][:at].decode("latin-1"),
    )


def read_urlscan(line: bytes) -> LogHit | None:
    """`[07-19-2001 - 15:38:38] Client at 192.0.2.1: message Site Instance='1', Raw URL='/x'`. URLScan writes no
    method; "GET" stands in for it, which is what worms sent.
    """
    line = line.lstrip(b"\0")
    date, dash, rest = line[1:].partition(b" - ")
    clock, bracket, rest = rest.partition(b"] Client at ")
    address, colon, message = rest.partition(b": ")
    time = read_us_time(date, clock) if line[:1] == b"[" and dash and bracket and colon else None
    if time is None:
        return None
    at = message.find(b"Raw URL='")
    url = message[at + 9 :].rstrip()[:-1] if at >= 0 else b""
    return LogHit(
        address=address.decode("latin-1"),
        time=time,
        request="GET " + url.decode("latin-1") if url else "",
        status="",
        error=message.strip().decode("latin-1"),
    )
