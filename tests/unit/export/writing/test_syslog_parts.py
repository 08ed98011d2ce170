"""Heads, parameters and frames of syslog messages, whatever is in them."""

from datetime import UTC, datetime, timedelta, timezone

from codered.export.writing.syslog_parts import frame_octets, write_data, write_head, write_name


def test_a_head_is_five_words_whatever_is_in_it() -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert write_head(2, at, "host 1\n", "", "k\x00" * 40) == (
        "<82>1 2026-03-01T10:00:00.000000Z host_1_ - - " + "k_" * 16
    )
    assert write_head(6, datetime(2026, 1, 1, tzinfo=UTC), "é" * 300, "p", "k").split()[2] == "_" * 255


def test_values_end_where_they_end() -> None:
    shown = write_data("x", {"a": 'b"] [y@1 c="', "n": "\n\x1b\\"})
    assert shown == '[x@32473 a="b\\"\\] [y@1 c=\\"" n="\\\\x0a\\\\x1b\\\\"]'
    assert len(write_data("x", {"a": "b" * 9999})) < 600
    assert write_name("", 5) == "-"


def test_frames_count_bytes() -> None:
    assert frame_octets("é\n".encode()) == b"3 \xc3\xa9\n"
