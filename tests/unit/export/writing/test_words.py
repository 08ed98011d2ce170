from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from codered.export.writing import words
from codered.model.finding import Evidence
from codered.model.report import Look, PackUsed, Report
from codered.model.target import TargetInfo


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /default.ida?" + "N" * 224 + "%u9090", "GET /default.ida?N×224%u9090"),
        ("NNNNNNN", "NNNNNNN"),
        ("N" * 8, "N×8"),
        ("ab" * 100, "ab" * 29 + "a…"),
        ("", ""),
    ],
)
def test_runs_are_compressed(text: str, shown: str) -> None:
    assert words.compress_runs(text) == shown


def test_compressed_text_never_exceeds_its_most() -> None:
    for length in range(200):
        assert len(words.compress_runs("abcdefgh" * length, 60)) <= 60


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (181_234, "181 kB"), (99_960, "100 kB"), (1_234_567_890, "1.2 GB"),
     (5 * 10**13, "50.0 TB"), (10**15, "more than 1000 TB"), (10**4000, "more than 1000 TB")],
)  # fmt: skip
def test_bytes(size: int, shown: str) -> None:
    assert words.format_bytes(size) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "0.0 s"), (0.44, "0.4 s"), (42.4, "42 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"), (-1, "unknown time"),
     (float("inf"), "unknown time"), (float("nan"), "unknown time")],
)  # fmt: skip
def test_seconds(seconds: float, shown: str) -> None:
    assert words.format_seconds(seconds) == shown


def test_rate_is_only_told_when_it_can_be() -> None:
    assert words.format_rate(3_000_000, 1.5) == "2.0 MB/s"
    for size, seconds in ((0, 1.0), (5, 0.0), (5, float("nan")), (5, float("inf")), (10**4000, 1.0)):
        assert words.format_rate(size, seconds) == ""


def test_counts() -> None:
    assert words.count_of(1, "file") == "1 file"
    assert words.count_of(17162, "file") == "17,162 files"
    assert words.count_of(2, "address", "addresses") == "2 addresses"
    assert words.format_count(10**5000) == "more than 10^15"


def test_times_are_utc() -> None:
    assert words.format_time(None) == "unknown"
    assert words.format_time(datetime(2001, 7, 19, 14, 3, 11, tzinfo=UTC)) == "2001-07-19 14:03:11"
    east = timezone(timedelta(hours=2))
    assert words.format_time(datetime(2001, 7, 19, 1, 0, tzinfo=east), seconds=False) == "2001-07-18 23:00"
    assert words.format_time(datetime(1, 1, 1, tzinfo=east)) == "0001-01-01 00:00:00"


def test_words_are_joined() -> None:
    assert [words.join_words(list("abcdefg"[:n])) for n in (0, 1, 2, 3, 4, 5)] == [
        "", "a", "a and b", "a, b and c", "a, b, c and d", "a, b, c and 2 others"
    ]  # fmt: skip


def test_answers_most_frequent_first() -> None:
    assert words.describe_answers({"200": 1, "404": 23}) == "404 ×23, 200 ×1"
    assert words.describe_answers({str(n): n for n in range(9)}, 2) == "8 ×8, 7 ×7, 7 more"


def test_evidence_in_a_line() -> None:
    piece = Evidence(what="marker", source="x.log", line=3, offset=4096, size=12, sha256="ab" * 32, data=b"secret")
    assert (
        words.describe_evidence(piece)
        == "marker, in x.log, line 3, at byte 4,096, size 12 bytes, sha256 abababababababab…"
    )


def test_found_bytes_are_quoted() -> None:
    assert words.quote_bytes(None) == ""
    assert words.quote_bytes(b"\xff" + b"X" * 250) == "\\xffX×250"


def test_threats_have_names(clean: Report) -> None:
    titles = words.map_titles(msgspec.structs.replace(clean, packs=(*clean.packs, PackUsed("bare", "1", "d"))))
    assert words.name_threat(titles, "codered2") == "Code Red II"
    assert words.name_threat(titles, "bare") == "bare"
    assert words.name_threat(titles, "unheard-of") == "unheard-of"
    assert words.name_threat(titles, "unattributed", ("codered2", "nimda")) == "shared by Code Red II and Nimda"
    assert words.name_threat(titles, "unattributed") == "not attributed"


def test_looks_are_told(infected: Report) -> None:
    assert words.describe_look(infected.looks[0]) == "17,162 files, 1.2 GB in 3.1 s (393 MB/s)"
    assert words.describe_look(Look(layer="logs", where="x", state="looked", lines=2)) == "2 lines"
    assert words.describe_look(Look(layer="autostart", where="x", state="looked", count=1)) == "1 entry"
    assert words.describe_look(Look(layer="settings", where="x", state="looked")) == ""
    assert words.describe_look(Look(layer="files", where="x", state="failed", why="no file in it", count=1)) == ""
    assert words.describe_look_state(infected.looks[2]) == "failed: permission denied"
    assert words.describe_total(infected) == "17,162 files, 1.2 GB in 3.2 s (386 MB/s)"


def test_what_a_target_can_not_offer_is_told_once(infected: Report) -> None:
    assert words.list_not_offered(infected) == ["processes: a volume has no running processes"]
    gap = Look(layer="processes", where="x", state="unsupported", why="a volume has no running processes")
    assert words.list_not_offered(msgspec.structs.replace(infected, looks=(gap,))) == []


def test_places() -> None:
    assert words.name_place(TargetInfo(kind="live_linux", root="/")) == "this machine"
    assert words.name_place(TargetInfo(kind="offline_root", root="/x", system="windows")) == "this volume"
    assert words.name_place(TargetInfo(kind="offline_root", root="/x")) == "this tree"
    assert words.name_place(TargetInfo(kind="log_files", root="/x")) == "these logs"


def test_a_match_shows_behind_the_few_bytes_before_it() -> None:
    """Memory before a match is often no text: each byte of it takes four characters."""
    assert "INERT MARKER" in words.quote_bytes(b"\xff\xfe\x80\x81" * 2 + b"INERT MARKER" + bytes(64))
