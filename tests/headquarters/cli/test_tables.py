"""Tables for a terminal."""

from datetime import UTC, datetime

from codered_hq.cli.tables import MOST_WIDE, count, draw_table, show_time


def test_columns_are_aligned_cut_and_escaped() -> None:
    text = draw_table(("name", "why"), [("a\x1b[31m", "x" * 200), ("b" * 200, "")])
    lines = text.splitlines()
    assert "\x1b" not in text
    assert lines[0] == "name".ljust(MOST_WIDE) + "  why"
    assert (lines[1].endswith("x" * 200), lines[2]) == (True, "b" * (MOST_WIDE - 1) + "…")


def test_words() -> None:
    assert (count(1, "host"), count(2000, "host")) == ("1 host", "2,000 hosts")
    assert (show_time(None), show_time(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))) == ("", "2026-01-02 03:04")
