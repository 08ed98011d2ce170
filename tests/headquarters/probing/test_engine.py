"""The whole sweep on the loopback: every state, every kind of hostile server, limits counted at the server."""

import errno
import gzip
import itertools
import resource
from collections import Counter

import pytest
from msgspec.structs import replace

from codered.model.errors import Refused
from codered_hq.model.sweep import STATES, Limits
from codered_hq.probing import calls, engine
from codered_hq.probing.engine import Sweeper, sweep
from codered_hq.probing.ranges import Place
from codered_hq.probing.sockets import NotBegun
from codered_hq.probing.sockets import begin as really_begin
from tests.fixtures.sweep_runs import QUICK, list_probes, make_job, run
from tests.fixtures.web_answers import DEFACED, drip, flood, keep_silent, pages, reset, say, serving

IDA = b"<HTML>The IDQ file NULL.ida could not be found"
HOME = {"/": b"<html><TITLE>\nHome  of a <b>"}
ROOT = {**HOME, "/scripts/root.exe": b"inert"}


def at(number: int) -> str:
    return f"127.8.0.{number}"


def test_infected_vulnerable_and_clean_are_told_apart() -> None:
    everything = say(b"HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/5.0\r\n\r\nanything")
    sites = {
        at(1): pages(HOME), at(2): pages({**HOME, "/NULL.ida": IDA}), at(3): pages({"/": DEFACED}),
        at(4): pages(ROOT), at(5): everything, at(6): pages(ROOT, server="nginx"),
        at(7): pages({"/": b"x"}, missing=200), at(8): pages(ROOT, missing=403),
        at(9): pages({**HOME, "/MSADC/root.exe": b""}), at(10): pages(HOME, missing=500),
        at(11): pages({"/": b"a" * 70000}),
    }  # fmt: skip
    with serving(sites) as servers:
        swept = run(make_job("127.8.0.0/28", probes=list_probes(), ports=(servers.port,), contact="call 110"))
    assert swept.states() == {
        **{at(number): "not_web" for number in (0, 12, 13, 14, 15)},
        at(1): "clean", at(2): "vulnerable", at(3): "infected", at(4): "infected", at(5): "undetermined",
        at(6): "undetermined", at(7): "clean", at(8): "undetermined", at(9): "infected", at(10): "undetermined",
        at(11): "undetermined",
    }  # fmt: skip
    (block,) = swept.blocks
    assert [STATES[number] for number in block.states] == [swept.states()[at(number)] for number in range(16)]
    assert swept.end.counts == Counter(swept.states().values())
    assert swept.end.requests == len(servers.asked)
    (port,) = swept.addresses[at(1)].ports
    assert (port.product, port.version, port.title) == ("Microsoft-IIS", "5.0", "Home of a")
    assert servers.lines(at(1)) == [
        "GET / HTTP/1.1", "GET /NULL.ida HTTP/1.1", "HEAD /scripts/root.exe HTTP/1.1", "HEAD /MSADC/root.exe HTTP/1.1"
    ]  # fmt: skip
    assert len(servers.lines(at(4))) == 5
    assert "\r\nUser-Agent: CodeRed-sweep/" in servers.asked[0].text
    assert "(call 110)" in servers.asked[0].text
    assert "made-up name" in swept.addresses[at(5)].reason
    assert "longer than 65536 bytes" in swept.addresses[at(11)].reason
    worst = next(check for check in swept.addresses[at(3)].ports[0].checks if check.says == "infected")
    assert b"Hacked By" in worst.evidence


def test_hostile_servers_cost_neither_time_nor_a_wrong_word() -> None:
    bomb = gzip.compress(b"\0" * (64 << 20))
    head = b"HTTP/1.1 200 OK\r\nServer: x\r\n"
    sites = {
        at(1): drip(), at(2): flood(head + b"\r\n", b"a" * 1000), at(3): flood(head, b"X: y\r\n"), at(4): keep_silent(),
        at(5): say(b"SSH-2.0-OpenSSH_9.2\r\n"), at(6): say(b"220 mail ESMTP\r\n"), at(7): say(b"<html>old</html>"),
        at(8): reset(), at(9): say(b""), at(10): say(b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
        at(11): say(head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb), bomb),
        at(12): say(head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        at(13): say(head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), at(14): flood(b"", b"\x00\xff\x1b[2J"),
        at(15): flood(head + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    }  # fmt: skip
    with serving(sites) as servers:
        swept = run(make_job("127.8.0.0/28", probes=list_probes(), ports=(servers.port,)))
    states = swept.states()
    assert {address for address, state in states.items() if state == "not_web"} == {at(0), at(5), at(6), at(14)}
    assert {state for address, state in states.items() if state != "not_web"} == {"undetermined"}
    reasons = {address: result.reason for address, result in swept.addresses.items()}
    assert "no whole answer in 1 s" in reasons[at(1)]
    assert "SSH-2.0-OpenSSH_9.2" in reasons[at(5)]
    assert "header has no end" in reasons[at(3)] or "no header" in reasons[at(3)]
    assert "without a word" in reasons[at(9)]
    assert "unpacks to more" in reasons[at(11)]
    assert "contradicts itself" in reasons[at(12)]


def test_redirects_lead_nowhere_else() -> None:
    def to(place: str) -> bytes:
        return f"HTTP/1.1 302 X\r\nServer: Microsoft-IIS/5.0\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()

    sites = {
        at(1): say(to("http://127.8.0.9/")), at(2): say(to("/home/")), at(3): say(to("/scripts/root.exe?/c+dir")),
        at(4): say(to("//127.8.0.9/x")), at(9): pages(HOME),
    }  # fmt: skip
    with serving(sites) as servers:
        job = make_job("127.8.0.1", "127.8.0.2", "127.8.0.3", "127.8.0.4", probes=list_probes(), ports=(servers.port,))
        swept = run(job)
    assert set(swept.states().values()) == {"undetermined"}
    assert servers.lines(at(9)) == []
    assert [line for line in servers.lines(at(2)) if "home" in line] == [
        "GET /home/ HTTP/1.1"
    ]  # once, not round and round
    assert not [one.line for one in servers.asked if "?" in one.line]
    assert "127.8.0.9" in swept.addresses[at(1)].reason


def test_limits_are_counted_at_the_server() -> None:
    sites = {at(number): pages(HOME) for number in range(20)}
    limits = replace(QUICK, per_second=100.0, per_subnet=60.0, per_host=20.0, at_once=3)
    with serving(sites) as servers:
        swept = run(
            make_job("127.8.0.0/28", "127.8.0.16/30", probes=list_probes(), ports=(servers.port,), limits=limits)
        )
    assert set(swept.states().values()) == {"clean"}
    times = sorted(one.at for one in servers.asked)
    assert len(times) == 80
    within = max(sum(start <= each < start + 0.5 for each in times) for start in times)
    assert within <= 30 + 8  # 60 a second, and what a late turn of the loop may catch up
    assert max(one.open_now for one in servers.asked) <= 3 + 1  # the server sees an end a little later
    for address in sites:
        own = sorted(one.at for one in servers.asked if one.address == address)
        assert min(later - earlier for earlier, later in itertools.pairwise(own)) > 0.03


def test_the_fragile_get_one_request_and_one_connection() -> None:
    sites = {at(number): pages(HOME) for number in range(8)}
    with serving(sites) as servers:
        job = make_job("127.8.0.0/29", probes=list_probes(), ports=(servers.port,), fragile=("127.8.0.0/30",))
        swept = run(replace(job, skip=("127.8.0.6/31",)))
    assert Counter(len(servers.lines(at(number))) for number in range(4)) == {1: 4}
    assert all("fragile" in swept.addresses[at(number)].reason for number in range(4))
    assert servers.lines(at(6)) == servers.lines(at(7)) == []
    assert swept.end.counts == {"undetermined": 4, "clean": 2, "not_asked": 2}
    shy = sorted((one.at, one.open_now) for one in servers.asked if one.address in {at(n) for n in range(4)})
    assert len(shy) == 4


def test_it_stops_and_goes_on_without_asking_twice() -> None:
    sites = {at(number): pages(HOME) for number in range(4)}
    with serving(sites) as servers:
        job = make_job("127.8.0.0/23", ports=(servers.port,), limits=replace(QUICK, per_second=4000.0))
        looks = iter(range(1000))
        first = run(job, lambda: "enough" if next(looks) >= 1 else "")
        assert first.end.stopped == "enough"
        assert sum(first.end.counts.values()) == 512
        assert first.end.counts["not_asked"] > 0
        blocks = ("127.8.1.0",)
        rest = run(replace(job, done=blocks))
    assert [block.first for block in rest.blocks] == ["127.8.0.0"]
    assert rest.end.counts == {"web": 4, "not_web": 252}


def test_names_ports_and_ipv6() -> None:
    with serving({"::1": pages(HOME)}) as six, serving({at(1): pages(HOME)}) as four:
        job = make_job("::1", at(1), ports=(four.port, six.port), hosts=("", "www.example.org"))
        swept = run(job)
    assert swept.states() == {"::1": "web", at(1): "web"}
    (closed, open_one) = swept.addresses["::1"].ports
    assert (closed.state, open_one.state, open_one.port) == ("not_web", "web", six.port)
    hosts = sorted(one.text.split("Host: ")[1].split("\r\n")[0] for one in six.asked)
    assert hosts == sorted([f"[::1]:{six.port}", f"www.example.org:{six.port}"])


def test_too_few_descriptors_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = iter([errno.EMFILE, errno.ENOBUFS, errno.EADDRNOTAVAIL] * 20)

    def begin(place: Place, port: int) -> object:
        if number := next(failing, 0):
            raise NotBegun(number)
        return really_begin(place, port)

    monkeypatch.setattr(engine, "begin", begin)
    monkeypatch.setattr(engine, "_PAUSE", 0.001)
    monkeypatch.setattr(engine, "LASTING", frozenset())
    with serving({at(1): pages(HOME)}) as servers:
        swept = run(make_job("127.8.0.0/28", ports=(servers.port,)))
    assert swept.end.counts == {"web": 1, "not_web": 15}


def test_what_is_left_for_later_is_read_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_PIECE", 100)
    monkeypatch.setattr(calls, "_MOST_PIECES", 1)
    page = b"<title>long</title>" + b"x" * 5000
    with serving({at(1): pages({"/": page}), at(2): flood(b"HTTP/1.1 200 OK\r\n\r\n", b"y" * 1000)}) as servers:
        swept = run(make_job(at(1), at(2), ports=(servers.port,), limits=replace(QUICK, most_bytes=20000)))
    assert swept.states() == {at(1): "web", at(2): "web"}
    assert [port.title for port in swept.addresses[at(1)].ports] == ["long"]


def test_our_own_walls_are_not_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(_place: Place, _port: int) -> object:
        raise NotBegun(errno.EPERM)

    monkeypatch.setattr(engine, "begin", begin)
    swept = run(make_job("127.8.0.0/31"))
    assert swept.end.counts == {"not_asked": 2}
    assert "own firewall" in swept.addresses[at(0)].reason


def test_the_limit_of_sockets_is_kept() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    sweeper = Sweeper(make_job(at(1), limits=Limits(at_once=10_000_000)), print, print, print)
    assert 0 < sweeper.at_once < hard


def test_a_probe_that_may_do_harm_is_not_sent() -> None:
    one = list_probes()[0]
    bad = replace(one, probe=replace(one.probe, path="/scripts/root.exe?/c+dir"))
    with pytest.raises(Refused, match="the probe holds"):
        sweep(make_job(at(1), probes=(bad,)), print, print, lambda: "")
