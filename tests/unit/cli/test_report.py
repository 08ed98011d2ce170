from pathlib import Path

import msgspec

from tests.fixtures.saying import Say


def test_a_saved_report_is_shown_and_converted(say: Say, report: Path, tmp_path: Path) -> None:
    answer = say("report", report, "-o", tmp_path / "again.json", "-o", tmp_path / "r.csv")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("INFECTED")
    assert (tmp_path / "again.json").read_bytes() == report.read_bytes()
    assert (tmp_path / "r.csv").read_text().count("\n") > 6
    assert msgspec.json.decode(say("report", report, "--json").out) == msgspec.json.decode(report.read_bytes())


def test_where_it_goes_is_checked_first(say: Say, report: Path, tmp_path: Path) -> None:
    answer = say("report", report, "-o", tmp_path / "none/r.csv")
    assert (answer.code, answer.out) == (2, "")
