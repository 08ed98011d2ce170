import os
import re
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codered.detect import log_tally
from codered.detect.log_tally import LogMatchers, LogTally, join_ranges, tally_log
from codered.model.countermeasures import Probe
from codered.model.observation import LogChunk, LogHit
from tests.fixtures.log_rules import PACKS, make_rules

MATCHERS = LogMatchers(make_rules(*PACKS))
_LINE = re.compile(r"(?P<address>\S+) (?P<status>\d{3}) (?P<request>.*)")
AT = datetime(2001, 7, 19, 15, 38, tzinfo=UTC)


def read_simply(data: bytes) -> Callable[[int, int], LogHit | None]:
    """A reader for lines `address status request`; asserts that it is asked for whole lines, in order."""
    last = -1

    def read(start: int, end: int) -> LogHit | None:
        nonlocal last
        assert start > last
        assert start == 0 or data[start - 1 : start] == b"\n"
        assert end == len(data) or data[end : end + 1] == b"\n"
        assert b"\n" not in data[start:end]
        last = end
        found = _LINE.fullmatch(data[start:end].decode("latin-1"))
        return (
            LogHit(address=found["address"], time=AT, request=found["request"], status=found["status"])
            if found
            else None
        )

    return read


def tally(*chunks: bytes) -> LogTally:
    return tally_log((LogChunk(data, read_simply(data)) for data in chunks), MATCHERS, "a.log")


ROOT = b"192.0.2.%d 404 GET /scripts/root.exe\n"
BENIGN = b"192.0.2.1 200 GET /index.html\n"


def test_only_labelled_lines_are_hits() -> None:
    found = tally(
        BENIGN * 3 + ROOT % 7 + b"192.0.2.1 200 GET /my-cmd.exe.html\n",
        BENIGN + ROOT % 7 + b"free text with root.exe\n" + ROOT % 8,
    )
    assert (found.lines, found.hits, found.unparsed) == (9, 3, 1)
    assert found.unread[0].line == 8
    one, two = found.sights
    assert (one.address, one.count, one.answers, one.hours) == ("192.0.2.7", 2, {"404": 2}, {"2001-07-19T15": 2})
    assert one.signs == ("codered2/root-exe", "nimda/root-exe")
    assert [(e.source, e.line, e.text) for e in one.examples] == [
        ("a.log", 4, b"GET /scripts/root.exe"),
        ("a.log", 7, b"GET /scripts/root.exe"),
    ]
    assert two.examples[0].line == 9


def test_last_line_without_newline_counts() -> None:
    found = tally(ROOT % 1, (ROOT % 2).rstrip())
    assert (found.lines, found.hits) == (2, 2)
    assert tally(b"").lines == 0


def test_windows_cut_at_newlines_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_tally, "WINDOW", 50)
    monkeypatch.setattr(log_tally, "OVERLAP", 16)
    long = b"192.0.2.9 404 GET /" + b"a" * 300 + b"/root.exe?" + b"b" * 300 + b"/root.exe\n"
    found = tally((ROOT % 1 + BENIGN + long) * 20)
    assert (found.lines, found.hits) == (60, 40)


@given(
    st.lists(
        st.sampled_from([ROOT % 1, ROOT % 2, BENIGN, b"\n", b"root.exe\n", b"root.exe", b"\xff\x00\r\n"]), max_size=40
    ),
    st.integers(1, 90),
)
def test_agrees_with_reading_every_line(pieces: list[bytes], window: int) -> None:
    data = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_tally, "WINDOW", window + 20)
        patch.setattr(log_tally, "OVERLAP", 10)
        found = tally(data)
    lines = data.split(b"\n") if not data.endswith(b"\n") else data.split(b"\n")[:-1]
    lines = [] if data == b"" else lines
    assert found.lines == len(lines)
    located = [line for line in lines if b"root.exe" in line]
    parsed = [line for line in located if _LINE.fullmatch(line.decode("latin-1"))]
    assert found.hits == sum(1 for line in parsed if b"/root.exe" in line)
    assert found.unparsed == len(located) - len(parsed)


def test_a_storm_of_more_matches_than_the_engine_keeps_loses_nothing() -> None:
    line = b"1.2.3.4 404 " + b"root.exe" * 40 + b"/root.exe\n"
    found = tally(line * 30_000)  # 1,230,000 matches of one string in one chunk; the engine keeps 1,000,000
    assert (found.lines, found.hits) == (30_000, 30_000)


def test_ranges_joined_are_the_whole() -> None:
    data = b"".join(ROOT % (number % 5) + BENIGN for number in range(50))
    cut = data.index(b"\n", 700) + 1
    assert join_ranges([tally(data[:cut]), tally(data[cut:])]) == tally(data)


def test_forwarded_is_kept_few_times() -> None:
    def chunks() -> Iterator[LogChunk]:
        for number in range(20):
            hit = LogHit(
                address="10.0.0.1", time=None, request="GET /root.exe", status="404", forwarded=f"203.0.113.{number}"
            )
            yield LogChunk(b"root.exe\n", lambda _start, _end, hit=hit: hit)  # type: ignore[misc]

    sight = tally_log(chunks(), MATCHERS, "a").sights[0]
    assert sight.forwarded == ("203.0.113.0", "203.0.113.1", "203.0.113.2", "203.0.113.3")
    assert (sight.first, sight.hours, sight.count) == (None, {}, 20)


def test_the_real_log_has_24_requests_of_code_red() -> None:
    path = Path(__file__).parents[2] / "fixtures" / "logs" / "iis5-codered1-2001-07.log"
    data = path.read_bytes()

    def read(start: int, end: int) -> LogHit | None:
        words = os.fsdecode(data[start:end]).split()
        return LogHit(address=words[2], time=None, request=f"{words[6]} {words[7]}?{words[8]}", status=words[9])

    found = tally_log([LogChunk(data, read)], MATCHERS, path.name)
    assert (found.lines, found.hits, found.unparsed, len(found.sights)) == (50, 24, 0, 24)
    assert {sight.signs for sight in found.sights} == {("codered/ida-n",)}


def test_long_requests_are_not_kept() -> None:
    def chunks() -> Iterator[LogChunk]:
        for number in range(50):
            text = f"GET /root.exe?{number}" + "x" * 100_000
            hit = LogHit(address=f"192.0.2.{number}", time=None, request=text, status="404")
            yield LogChunk(b"root.exe\n", lambda _start, _end, hit=hit: hit)  # type: ignore[misc]

    tracemalloc.start()
    try:
        found = tally_log(chunks(), MATCHERS, "a")
        assert tracemalloc.get_traced_memory()[0] < 1 << 20
    finally:
        tracemalloc.stop()
    assert {len(sight.examples[0].text) for sight in found.sights} == {256}


def test_percent_encoded_signs_are_hits() -> None:
    hidden = b"192.0.2.%d 404 GET /scripts/r%%6fot.exe\n"
    twice = hidden.replace(b"%%6f", b"%%256f")
    found = tally((BENIGN + hidden % 1 + ROOT % 2 + b"free r%6fot.exe text\n" + twice % 3 + BENIGN) * 2)
    assert (found.lines, found.hits, found.unparsed) == (12, 6, 2)
    assert [(sight.address, sight.count, sight.signs) for sight in found.sights] == [
        (f"192.0.2.{number}", 2, ("codered2/root-exe", "nimda/root-exe")) for number in (1, 2, 3)
    ]


def test_what_a_sweep_asks_under_its_name_is_counted_apart() -> None:
    asks = {"method": "GET", "path": "/scripts/root.exe", "protocol": "http", "ports": (80,)}
    probe = Probe(id="p", answers=(), references=(), **asks)  # type: ignore[arg-type]
    packs = [replace(item, pack=replace(item.pack, probes=(probe,))) for item in PACKS]  # what a pack says is no sweep
    matchers = LogMatchers(make_rules(*packs), (), lambda: frozenset({"HEAD /scripts/root.exe"}))
    asked = (
        ("HEAD /scripts/root.exe", "CodeRed-sweep/1.0+(noc)"), ("HEAD /scripts/root.exe", "CodeRed-sweep/9"),
        ("HEAD /scripts/root.exe", "Mozilla CodeRed-sweep/1"), ("GET /scripts/root.exe?/c+dir", "CodeRed-sweep/1.0"),
        ("GET /scripts/root.exe", "CodeRed-sweep/1.0"),
    )  # fmt: skip
    lines = b"".join(b"%s\n" % request.encode() for request, _ in asked)
    given = (LogHit(address="192.0.2.7", time=AT, request=one, status="404", agent=agent) for one, agent in asked)
    [sight] = tally_log([LogChunk(lines, lambda *_: next(given))], matchers, "a.log").sights
    assert (sight.count, sight.swept) == (5, 2)
    assert join_ranges([LogTally(sights=[sight]), LogTally(sights=[sight])]).sights[0].swept == 4
