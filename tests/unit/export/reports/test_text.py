from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.export.reports.text import render_text
from codered.export.writing.layout import WIDTH, measure
from codered.model.report import Report
from tests.fixtures.outbreak_reports import make_outbreak_report

Poison = Callable[[Report, Sequence[str]], Report]
hostile = st.lists(st.text(st.characters(), max_size=200), min_size=1, max_size=5)
VERDICTS = ("infected", "attacked", "suspicious", "vulnerable", "clean", "incomplete")


def hold_bounds(text: str) -> None:
    assert text.endswith("\n")
    for line in text.split("\n"):
        assert measure(line) <= WIDTH
        assert line.isprintable()


@pytest.mark.parametrize("verdict", VERDICTS)
def test_golden(verdict: str, demo_reports: dict[str, Report], check_golden: Callable[[str, str], None]) -> None:
    check_golden(f"{verdict}.txt", render_text(demo_reports[verdict]))


def test_golden_of_a_live_host(live: Report, check_golden: Callable[[str, str], None]) -> None:
    text = render_text(live)
    hold_bounds(text)
    check_golden("live.txt", text)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_fits_a_terminal(verdict: str, demo_reports: dict[str, Report]) -> None:
    hold_bounds(render_text(demo_reports[verdict]))


def test_internal_hosts_come_before_everything_found(suspicious: Report) -> None:
    text = render_text(suspicious)
    assert text.index("Suspected infected hosts in your network") < text.index("Code Red v1/v2 (codered)")
    table = text[text.index("Attackers: 62") :].splitlines()
    assert table[4].split()[:2] == ["10.1.2.3", "internal"]


def test_table_of_attackers_ends_and_says_so(suspicious: Report) -> None:
    text = render_text(suspicious)
    assert "… and 12 more (see --json or --csv)" in text
    assert text.count("external") == 49


def test_a_long_address_stays_whole(suspicious: Report) -> None:
    assert suspicious.logs
    long_ones = tuple(a for a in suspicious.logs.attackers if ":" in a.address)
    logs = msgspec.structs.replace(suspicious.logs, attackers=long_ones)
    lines = render_text(msgspec.structs.replace(suspicious, logs=logs)).splitlines()
    assert "  2001:db8:1234:5678:9abc:def0:1234:5678" in lines


def test_a_time_of_another_day_keeps_its_date(attacked: Report) -> None:
    assert attacked.logs
    attacker = attacked.logs.attackers[0]
    attacker = msgspec.structs.replace(attacker, last_seen=datetime(2001, 8, 1, 2, 3))  # noqa: DTZ001 - on purpose
    logs = msgspec.structs.replace(attacked.logs, attackers=(attacker,))
    assert "2001-07-19 09:01  2001-08-01 02:03" in render_text(msgspec.structs.replace(attacked, logs=logs))


def test_what_was_not_looked_at_is_said(infected: Report) -> None:
    text = render_text(infected)
    missing = text[text.index("\nNot looked at\n") :]
    assert "permission denied; 1 file" in missing
    assert "/mnt/evidence/web-01/secret" in missing
    assert "processes: a volume has no running processes" in missing


def test_answers_are_explained(attacked: Report) -> None:
    assert attacked.logs
    logs = msgspec.structs.replace(attacked.logs, meanings=attacked.logs.meanings[::-1])
    text = render_text(msgspec.structs.replace(attacked, logs=logs))
    assert text.index("404 × 23") < text.index("200 × 1,")
    assert "404 × 23, Code Red v1/v2: the .ida extension is not mapped here" in text
    assert "200 × 1, Code Red v1/v2: mapped and patched" in text


def test_colour_is_ours_alone(infected: Report) -> None:
    plain, coloured = render_text(infected), render_text(infected, colour=True)
    assert "\x1b" not in plain
    assert coloured.startswith("\x1b[1;31mINFECTED:\x1b[0m Code Red II")
    without = coloured
    for code in ("0", "1", "2", "36", "1;31", "1;32", "1;33"):
        without = without.replace(f"\x1b[{code}m", "")
    assert without == plain


def test_numbers_no_scan_can_count_to(attacked: Report) -> None:
    assert attacked.logs
    forged = msgspec.structs.replace(attacked.logs.attackers[0], count=10**5000, answers={"404": 10**5000})
    logs = msgspec.structs.replace(attacked.logs, attackers=(forged,), lines=10**5000, unparsed_hits=10**5000)
    looks = tuple(msgspec.structs.replace(look, lines=10**5000, bytes=10**5000) for look in attacked.looks)
    hold_bounds(render_text(msgspec.structs.replace(attacked, logs=logs, looks=looks, seconds=1e300)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(texts=hostile, verdict=st.sampled_from(VERDICTS))
def test_no_hostile_text_escapes(
    demo_reports: dict[str, Report], poison: Poison, texts: list[str], verdict: str
) -> None:
    hold_bounds(render_text(poison(demo_reports[verdict], texts)))


def test_a_field_as_big_as_a_book_is_cut(infected: Report, poison: Poison) -> None:
    text = render_text(poison(infected, ["\u202e界 " * 1_000_000]))
    hold_bounds(text)
    assert len(text) < 1_000_000


def test_an_outbreak_is_told_in_100_columns(check_golden: Callable[[str, str], None]) -> None:
    text = render_text(make_outbreak_report())
    assert max(map(len, text.splitlines())) <= 100
    check_golden("outbreak.txt", text)
