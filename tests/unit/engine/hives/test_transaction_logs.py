"""Logs are applied in the order of their numbers, and only where they belong."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.engine.hives.hive_header import read_header
from codered.engine.hives.transaction_logs import replay_logs
from tests.fixtures.hive_files import WRITTEN, key_of, write_hive
from tests.fixtures.hive_logs import (
    IDENTITY,
    changed_pages,
    with_header,
    with_identity,
    write_new_log,
    write_old_log,
)
from tests.fixtures.opened_hives import Content, bytes_of, open_data, read_all

FIRST = write_hive(key_of({"Run": {"good": "one"}}))
SECOND = write_hive(key_of({"Run": {"good": "one", "bad": "two"}, "More": {"n": 2}}))
# Larger than the file of the first.
THIRD = write_hive(key_of({"Run": {"worse": "three"}, "Big": {"data": bytes(range(256)) * 64}}))
BINS = (len(SECOND) - 4096, len(THIRD) - 4096)
STEPS = [(BINS[0], changed_pages(FIRST, SECOND)), (BINS[1], changed_pages(SECOND, THIRD))]
DIRTY = with_header(FIRST, (9, 7))
HEADER = read_header(DIRTY)


def content(folder: Path, data: bytes) -> Content:
    return read_all(open_data(folder, data))


def test_entries_of_both_logs_by_number_whichever_is_first(tmp_path: Path) -> None:
    wanted = content(tmp_path / "wanted", THIRD)
    one, two = (write_new_log(FIRST, 7 + number, [step]) for number, step in enumerate(STEPS))
    for name, logs in {"a": {".LOG1": one, ".LOG2": two}, "b": {".LOG1": two, ".log2": one}}.items():
        hive = open_data(tmp_path / name, DIRTY, logs)
        assert (hive.seen.state, read_all(hive), list(hive.unread())) == ("replayed", wanted, [])
        assert len(hive.seen.notes) == 2
        assert all(note.endswith("1 entries applied") for note in hive.seen.notes)
    assert len(THIRD) > len(DIRTY)
    assert (tmp_path / "a" / "HIVE").read_bytes() == DIRTY, "the evidence was changed"


def test_numbers_that_start_anew(tmp_path: Path) -> None:
    last = 0xFFFFFFFF
    logs = {".LOG1": write_new_log(FIRST, 0, [STEPS[1]]), ".LOG2": write_new_log(FIRST, last, [STEPS[0]])}
    hive = open_data(tmp_path / "h", with_header(FIRST, (0, last)), logs)
    assert read_all(hive) == content(tmp_path / "wanted", THIRD)


def test_header_after_replay_is_clean_and_sealed() -> None:
    raw = bytes_of(DIRTY)
    replay = replay_logs(raw, HEADER, {"x.LOG1": bytes_of(write_new_log(FIRST, 7, STEPS))})
    assert replay.header
    assert replay.header == read_header(raw.read(0, 512))
    assert (replay.header.is_dirty, replay.header.primary, replay.header.kind) == (False, 8, 0)
    assert raw.read(4096, 1 << 20) == THIRD[4096:]


def test_a_chain_ends_where_an_entry_is_damaged(tmp_path: Path) -> None:
    log = bytearray(write_new_log(FIRST, 7, STEPS))
    log[-600] ^= 1
    hive = open_data(tmp_path / "h", DIRTY, {".LOG1": bytes(log)})
    assert read_all(hive) == content(tmp_path / "wanted", SECOND)
    # The second log does not follow: an entry between them is missing.
    gap = write_new_log(FIRST, 12, [STEPS[1]])
    hive = open_data(tmp_path / "g", DIRTY, {".LOG1": write_new_log(FIRST, 7, [STEPS[0]]), ".LOG2": gap})
    assert read_all(hive) == content(tmp_path / "wanted2", SECOND)
    assert any("does not follow" in note for note in hive.seen.notes)


@pytest.mark.parametrize(
    ("hive", "log", "why"),
    [
        (DIRTY, write_new_log(FIRST, 6, STEPS), "older than the hive"),
        (with_header(FIRST, (9, 7), name="SYSTEM"), write_new_log(with_header(FIRST, (1, 1), name="SAM"), 7, STEPS),
         "another hive"),
        (with_identity(DIRTY, IDENTITY), write_new_log(with_identity(FIRST, IDENTITY[::-1]), 7, STEPS), "another hive"),
        (DIRTY, write_new_log(FIRST, 7, STEPS)[:700], "no whole entry"),
        (DIRTY, with_header(write_new_log(FIRST, 7, STEPS), (7, 8), kind=6)[:512], "not written to its end"),
        (DIRTY, FIRST, "it is no log"),
        (DIRTY, b"", "empty"),
        (DIRTY, write_new_log(FIRST, 7, [(BINS[0], [(BINS[0] - 512, bytes(4096))])]), "no whole entry"),
        (DIRTY, write_old_log(FIRST, SECOND, 7, WRITTEN - 1), "older than the hive"),
        (DIRTY, write_old_log(FIRST, SECOND, 7)[:-1], "does not hold what it says"),
        (DIRTY, write_old_log(FIRST, SECOND, 7)[:514], "does not hold what it says"),
    ],
)  # fmt: skip
def test_what_is_not_applied_is_said(tmp_path: Path, hive: bytes, log: bytes, why: str) -> None:
    opened = open_data(tmp_path / "h", hive, {".LOG1": log})
    assert opened.seen.state == "dirty"
    assert any(why in note for note in opened.seen.notes), opened.seen.notes
    assert read_all(opened) == content(tmp_path / "wanted", FIRST)
    assert any("last changes are not seen" in reason for _, reason in opened.unread())


def doubts(**logs: bytes) -> tuple[str, ...]:
    """By what is not applied, later changes may be missing."""
    return replay_logs(bytes_of(DIRTY), HEADER, {name: bytes_of(log) for name, log in logs.items()}).doubts


def test_doubts_are_about_logs_that_windows_would_expect_to_fit() -> None:
    good, old = write_new_log(FIRST, 7, [STEPS[0]]), write_new_log(FIRST, 5, [STEPS[0]])
    for harmless in (b"", bytes(4096), old, write_new_log(FIRST, 8, [STEPS[1]])[:700]):
        assert doubts(one=good, two=harmless) == (), harmless[:16]
    assert doubts(one=write_old_log(FIRST, SECOND, 9), two=write_old_log(FIRST, SECOND, 9, WRITTEN - 1)) == ()
    torn = with_header(good, (7, 8), kind=6)
    for log, why in (
        (b"MZ" + good[2:], "does not start as a hive does"),
        (torn, "not written to its end"),
        (write_new_log(FIRST, 9, [STEPS[1]]), "does not follow the other log"),
        (write_new_log(FIRST, 5, [STEPS[0]] * 3), "older than the hive"),
        (FIRST, "it is no log"),
    ):
        (said,) = doubts(one=good, two=log)
        assert why in said
    (said,) = doubts(one=write_old_log(FIRST, SECOND, 9), two=write_old_log(FIRST, SECOND, 9, WRITTEN + 9)[:-1])
    assert "does not hold what it says" in said


@pytest.mark.parametrize("ending", [".LOG", ".LOG1", ".log2"])
def test_old_log(tmp_path: Path, ending: str) -> None:
    hive = open_data(tmp_path / "h", DIRTY, {ending: write_old_log(FIRST, THIRD, 9)})
    assert read_all(hive) == content(tmp_path / "wanted", THIRD)
    assert hive.seen.state == "replayed"


def test_of_two_old_logs_the_later(tmp_path: Path) -> None:
    logs = {".LOG1": write_old_log(FIRST, THIRD, 9, WRITTEN + 5), ".LOG2": write_old_log(FIRST, SECOND, 9, WRITTEN + 1)}
    assert read_all(open_data(tmp_path / "h", DIRTY, logs)) == content(tmp_path / "wanted", THIRD)


def test_base_block_that_is_destroyed_comes_from_the_log(tmp_path: Path) -> None:
    logs = {".LOG1": write_new_log(FIRST, 3, [STEPS[0]]), ".LOG2": write_new_log(FIRST, 8, STEPS)}
    hive = open_data(tmp_path / "h", bytes(512) + FIRST[512:], logs)
    assert (hive.seen.state, read_all(hive)) == ("replayed", content(tmp_path / "wanted", THIRD))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_hostile_logs_never_raise(data: st.DataObject) -> None:
    log = bytearray(data.draw(st.sampled_from([write_new_log(FIRST, 7, STEPS), write_old_log(FIRST, THIRD, 9)])))
    for _ in range(data.draw(st.integers(1, 6))):
        log[data.draw(st.integers(512, len(log) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(log)))
    replay = replay_logs(bytes_of(DIRTY), HEADER, {"x.LOG1": bytes_of(bytes(log[:cut]))})
    assert replay.notes
    assert replay.header is None or not replay.header.is_dirty
