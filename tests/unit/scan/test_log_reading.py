import bz2
import gzip
import ipaddress
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.detect import log_sights
from codered.scan.log_reading import NO_LOG, ROTATED, LogReader, is_unknown_log
from codered.scan.tasks import WHOLE_FILE, Done, LogTask
from tests.fixtures.changing import FolderTarget
from tests.fixtures.log_rules import PACKS, make_rules

LOGS = Path(__file__).parents[2] / "fixtures" / "logs"
RULES = make_rules(*PACKS)
NCSA = b'192.0.2.7 - - [19/Jul/2001:15:38:38 +0000] "GET /%s HTTP/1.0" 404 209\n'
ATTACK = NCSA % (b"default.ida?" + b"N" * 224)
NATIVE = b"192.0.2.7, -, 7/19/2001, 15:38:38, W3SVC1, WEB, 192.0.2.1, 10, 100, 200, 404, 0, GET, /x, -,\n"
URLSCAN = b"[07-19-2001 - 15:38:38] Client at 192.0.2.7: URL contains extension '.ida'. Request rejected. URLScan\n"


def open_here(tmp_path: Path, name: str, data: bytes) -> tuple[LogReader, int]:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return LogReader(FolderTarget(tmp_path), RULES), os.open(path, os.O_RDONLY)


def recognise(tmp_path: Path, name: str, data: bytes) -> bool | None:
    reader, descriptor = open_here(tmp_path, name, data)
    try:
        return reader.recognise(name.encode(), data[:8192], descriptor)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("path", sorted(LOGS.glob("*.log")), ids=lambda path: path.name)
def test_real_logs_are_recognised_whatever_they_are_called(tmp_path: Path, path: Path) -> None:
    assert recognise(tmp_path, "odd.txt", path.read_bytes()) is True


@pytest.mark.parametrize("data", [NCSA * 3, NATIVE * 3], ids=["ncsa", "native"])
def test_short_logs_are_recognised(tmp_path: Path, data: bytes) -> None:
    assert recognise(tmp_path, "x", data) is True


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("var/log/apache2/x.gz", True),
        ("access.gz", True),
        ("logs/u_ex010719.gz", True),
        ("doc/changes.gz", False),
    ],
)
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_packed_logs_are_recognised_where_their_path_speaks_of_logs(
    tmp_path: Path, name: str, known: bool, pack: Callable[[bytes], bytes]
) -> None:
    assert recognise(tmp_path, name, pack(NCSA * 3)) is (False if known else None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"GET / HTTP/1.0\n",
        b"#Fields: what we grow\n",
        b"\0\0text\n",
        b"\0" * 9000 + b"text\n",
        NCSA + b"\0" + NCSA,
        gzip.compress(b"text"),
        b"\x1f\x8b\x08broken",
        b"BZh9broken",
        b"[error] in a diary\n",
    ],
)
def test_other_files_are_none(tmp_path: Path, data: bytes) -> None:
    assert recognise(tmp_path, "var/log/x.log", data) is None


def test_what_the_user_calls_a_log_is_tried_in_every_packing(tmp_path: Path) -> None:
    for name, data, wanted in (
        ("doc/changes", gzip.compress(NCSA * 3), False),
        ("plain", NCSA * 3, True),
        ("no", b"no log", None),
        ("hole", b"\0" * 5, None),
    ):
        reader, descriptor = open_here(tmp_path, name, data)
        assert reader.identify(name.encode(), descriptor) is wanted, name
        os.close(descriptor)


def read(tmp_path: Path, data: bytes | None, name: str = "a.log", start: int = 0, end: int = WHOLE_FILE) -> Done:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    return LogReader(FolderTarget(tmp_path), RULES).read(LogTask(4, name.encode(), start, end))


def test_a_log_is_tallied(tmp_path: Path) -> None:
    done = read(tmp_path, NCSA % b"index.htm" + ATTACK * 2)
    assert done.number == 4
    assert done.tally is not None
    assert (done.tally.lines, done.tally.hits, done.unlooked) == (3, 2, [])
    assert done.first is not None
    assert done.first.isoformat() == "2001-07-19T15:38:38+00:00"
    assert [sight.address for sight in done.tally.sights] == ["192.0.2.7"]


def test_ranges_of_a_log_are_the_whole_log(tmp_path: Path) -> None:
    data = (NCSA % b"a" + ATTACK) * 20
    middle = len(data) // 2 + 7
    tallies = [read(tmp_path, data, start=start, end=end).tally for start, end in ((0, middle), (middle, len(data)))]
    assert sum(tally.lines for tally in tallies if tally) == 40
    assert sum(tally.hits for tally in tallies if tally) == 20
    assert all(tally and tally.lines for tally in tallies)


def why(done: Done) -> list[tuple[bytes, str, str]]:
    return [(item.rel, item.state, item.why) for item in done.unlooked]


def test_what_can_not_be_read_is_a_failed_look(tmp_path: Path) -> None:
    assert why(read(tmp_path, b"text\n")) == [(b"a.log", "failed", NO_LOG)]
    assert why(read(tmp_path, None, "gone")) == [(b"gone", "failed", "No such file or directory")]
    (tmp_path / "link").symlink_to("a.log")
    ((_, state, reason),) = why(read(tmp_path, None, "link"))
    assert (state, reason) == ("failed", "Too many levels of symbolic links")


def test_a_packed_log_that_breaks_off_counts_up_to_there_and_is_a_gap(tmp_path: Path) -> None:
    body = ATTACK + b"".join(NCSA % os.urandom(20).hex().encode() for _ in range(5000))
    done = read(tmp_path, gzip.compress(body)[:-1000])
    assert done.tally is not None
    assert done.tally.hits == 1
    assert 1 < done.tally.lines < 5001
    assert [state for _, state, _ in why(done)] == ["failed"]


def test_lines_that_were_cut_are_told(tmp_path: Path) -> None:
    done = read(tmp_path, ATTACK + NCSA % (b"x" * (5 << 20)) + ATTACK)
    assert done.tally is not None
    assert done.tally.hits == 2
    assert [reason for _, _, reason in why(done)] == ["1 lines were longer than 2 MiB: only their start was looked at"]


@pytest.mark.parametrize("nuls", [1, 5000, 9000, 70_000])
def test_a_log_behind_a_hole_is_recognised(tmp_path: Path, nuls: int) -> None:
    assert recognise(tmp_path, "var/log/x", b"\0" * nuls + NCSA * 3) is True


def test_marks_after_the_first_kilobyte_count_where_the_path_speaks_of_logs(tmp_path: Path) -> None:
    data = b"x" * 1200 + b"\n" + NCSA * 500
    assert recognise(tmp_path, "site/access.txt", data) is True
    late = b"note\n" * 15 + b"y" * 1000 + b"\n" + NCSA * 500
    assert recognise(tmp_path, "site/access.txt", late) is True
    assert recognise(tmp_path, "site/novel.txt", late) is None


@pytest.mark.parametrize(
    "name",
    [
        "access.log", "error.log", "www.example.net-access.log", "other_vhosts_access.log", "access_log",
        "ssl_request_log", "error_log-20010719", "access.log.1", "access.log.2.gz", "ex010805.log", "u_ex010805.log",
        "EX010805.LOG", "ex01080512.log", "access.log-20010719.xz",
    ],
)  # fmt: skip
def test_a_file_named_like_a_web_log_is_told_when_no_format_fits(name: str) -> None:
    rel = b"var/log/" + name.encode()
    assert is_unknown_log(rel, b"some text\n")
    assert is_unknown_log(rel, gzip.compress(b"some text\n"))
    assert is_unknown_log(rel, b"\0" * 100)
    assert not is_unknown_log(rel, b"")
    assert not is_unknown_log(rel, b"\x7fELF\0")


@pytest.mark.parametrize("name", ["catalog", "access.login", "access.py", "error.logic", "example.log", "change_log"])
def test_other_names_say_nothing(name: str) -> None:
    assert not is_unknown_log(b"access.log/" + name.encode(), b"some text\n")


def test_another_file_of_that_name_is_a_failed_look(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(ATTACK)
    reader = LogReader(FolderTarget(tmp_path), RULES)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        seen = reader.describe(b"a.log", descriptor, splittable=True)
        task = LogTask(4, b"a.log", 0, WHOLE_FILE, seen.device, seen.inode)
        same = reader.read(task)
        path.rename(tmp_path / "a.log.1")
        path.write_bytes(ATTACK)
        other = reader.read(task)
    finally:
        os.close(descriptor)
    assert (seen.size, same.unlooked) == (len(ATTACK), [])
    assert same.tally is not None
    assert other.tally is None
    assert why(other) == [(b"a.log", "failed", ROTATED)]


def test_named_networks_keep_their_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sights, "MOST_SIGHTS", 1)
    (tmp_path / "a.log").write_bytes(ATTACK + ATTACK.replace(b"192.0.2.7", b"203.0.113.5"))
    reader = LogReader(FolderTarget(tmp_path), RULES, (ipaddress.ip_network("203.0.113.0/24"),))
    tally = reader.read(LogTask(4, b"a.log", 0, WHOLE_FILE)).tally
    assert tally is not None
    assert [sight.address for sight in tally.sights] == ["192.0.2.7", "203.0.113.5"]


def test_what_the_shipped_packs_have_a_sweep_ask_is_told_apart(tmp_path: Path) -> None:
    """With other packs in use too, which say of no request that a sweep asks it."""
    line = '192.0.2.7 - - [19/Jul/2001:15:38:38 +0000] "%s HTTP/1.0" 404 209 "-" "CodeRed-sweep/1.0 (noc)"\n'
    data = "".join(line % asked for asked in ("HEAD /scripts/root.exe", "GET /scripts/root.exe?/c+dir"))
    tally = read(tmp_path, data.encode()).tally
    assert tally is not None
    [sight] = tally.sights
    assert (sight.count, sight.swept) == (2, 1)
