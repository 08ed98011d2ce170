import csv
import io
from collections.abc import Callable, Sequence

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codered.export.reports.csv_table import ATTACKER_COLUMNS, FINDING_COLUMNS, render_attackers_csv, render_csv
from codered.model.finding import Subject
from codered.model.report import Report
from tests.fixtures.outbreak_reports import make_outbreak_report

Poison = Callable[[Report, Sequence[str]], Report]


def read_rows(text: str) -> list[list[str]]:
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_one_row_a_finding(infected: Report) -> None:
    head, *rows = read_rows(render_csv(infected))
    assert tuple(head) == FINDING_COLUMNS
    assert len(rows) == len(infected.findings)
    first = dict(zip(head, rows[0], strict=True))
    assert first["threat"] == "Code Red II"
    assert first["subject"] == "C:\\inetpub\\scripts\\root.exe"
    assert first["path"] == "/mnt/evidence/web-01/inetpub/scripts/root.exe"
    assert first["evidence"].startswith("identical to C:\\WINNT\\system32\\cmd.exe, size 236,304 bytes")
    assert dict(zip(head, rows[4], strict=True))["shared_by"] == "codered2 nimda"


def test_one_row_an_attacker_internal_first(suspicious: Report) -> None:
    head, *rows = read_rows(render_attackers_csv(suspicious))
    assert tuple(head) == ATTACKER_COLUMNS
    assert len(rows) == 62
    assert rows[0][:5] == ["10.1.2.3", "internal", "Code Red v1/v2", "codered", "312"]
    assert rows[1][2] == "shared by Code Red II and Nimda"


def test_no_logs_gives_the_head_alone(clean: Report) -> None:
    assert len(read_rows(render_attackers_csv(msgspec.structs.replace(clean, logs=None)))) == 1


def test_a_formula_becomes_text(infected: Report) -> None:
    bad = ('=HYPERLINK("x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1")
    findings = tuple(
        msgspec.structs.replace(infected.findings[0], subject=Subject(kind="setting", key=each)) for each in bad
    )
    head, *rows = read_rows(render_csv(msgspec.structs.replace(infected, findings=findings)))
    keys = [row[head.index("key")] for row in rows]
    assert keys == ['\'=HYPERLINK("x")', "'+1", "'-1", "'@SUM(A1)", "'\\x09=1", "'\\x0d=1", "' =1"]


def test_what_was_found_is_not_in_the_table(attacked: Report, infected: Report) -> None:
    assert "default.ida" not in render_csv(attacked)
    assert "INERT" not in render_csv(infected)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(text=st.text(st.characters(), max_size=100))
def test_no_hostile_text_escapes(infected: Report, suspicious: Report, poison: Poison, text: str) -> None:
    for render, report in ((render_csv, infected), (render_attackers_csv, suspicious)):
        for row in read_rows(render(poison(report, [text]))):
            for cell in row:
                assert cell.isprintable()
                assert not cell.startswith(("=", "+", "-", "@"))


def test_an_outbreaks_scanners_are_rows_and_a_sender_that_scans_is_one() -> None:
    rows = list(csv.DictReader(io.StringIO(render_attackers_csv(make_outbreak_report()))))
    assert [(row["address"], row["requests"], row["scans"]) for row in rows] == [
        ("10.0.0.5", "40", "tcp 80 and 8080: 1,200 attempts, confirmed"),
        ("203.0.113.9", "0", "tcp 80 and 8080: 5,000 attempts, confirmed"),
        ("10.0.0.7", "0", "tcp 80 and 8080: 900 attempts, allowed"),
    ]
