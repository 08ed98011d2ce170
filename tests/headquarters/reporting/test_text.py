"""The text for a terminal."""

import msgspec

from codered_hq.reporting.page import write_page
from codered_hq.reporting.text import MOST_LINES, cut_row, write_text
from tests.fixtures.status_reports import make_hostile_report, make_report


def test_the_text_tells_all_that_matters_in_sixty_lines() -> None:
    text = write_text(make_report())
    for told in (
        "TLP:AMBER+STRICT   *** DRILL", "worm-1: Worm on the web servers", "impact, Ordering: closed, about 40,000 EUR",
        "31  known infected (104 of 1,200 hosts not looked at)  (+2 since 2026-11-23 11:00 UTC)",
        "12  contained (0 of 12 contained were found infected)", "104 hosts of 1,200 not reached",
        "CAN'T BE TAKEN BACK",
        "executive, business until 2026-11-23 12:30 UTC", "undoes itself 2026-11-23 16:00 UTC", "10.1.0.0/23",
        "network: 2 open, 1 claimed, 1 blocked, 1 overdue", "*contain 1/3", "1 rumour not checked", "given up, refused",
        "next report 2026-11-23 13:00 UTC", "ledger: entry 77, head ccc",
    ):  # fmt: skip
        assert told in text, told
    assert text.splitlines()[0] == text.splitlines()[-1]
    bare = write_text(make_report(waiting=(), waiting_of=0, containments=(), containments_of=0, stuck=0, drill=False))
    assert "Containments: none" in bare
    assert "DRILL" not in bare


def test_what_is_due_and_not_read_is_not_called_stuck() -> None:
    report = make_report()
    late = msgspec.structs.replace(report.containments[1], overdue=True)
    for told in (write_text, write_page):
        text = told(msgspec.structs.replace(report, containments=(late,), containments_of=1, stuck=0))
        assert "not read yet" in text
        assert "can't be taken back" not in text.lower().replace("&#39;", "'")


def test_hostile_values_change_neither_the_terminal_nor_the_length() -> None:
    text = write_text(make_hostile_report())
    assert len(text.splitlines()) <= MOST_LINES
    assert text.replace("\n", "").isprintable()
    assert max(map(len, text.splitlines())) < 300
    assert text.splitlines()[-1].startswith("TLP:RED")
    assert cut_row("x" * 500).endswith("…")
