from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from codered.model.allow_list import NOTHING_ALLOWED
from codered.model.report import Report
from codered.scan.baseline_report import Compared, report_comparison
from codered.scan.baselining import BaselineRequest, compare_system, create_baseline
from codered.targets import open_target


def _report(tree: Path, gaps: tuple[str, ...] = (), unsigned: str = "") -> Report:
    target = open_target(str(tree))
    before = create_baseline(target, BaselineRequest(places=(b"",))).baseline
    (tree / "new").write_text("#!/bin/sh\n")
    before = replace(before, gaps=gaps)
    compared = Compared(
        comparison=compare_system(target, before),
        before=before,
        started=datetime.now(UTC),
        seconds=1,
        unsigned=unsigned,
    )
    return report_comparison(target, compared, NOTHING_ALLOWED)


def test_deviations_are_findings_of_integrity_and_no_infection(tmp_path: Path) -> None:
    report = _report(tmp_path)
    (found,) = report.findings
    assert (found.layer, found.indicator, report.verdict) == ("integrity", "new-executable", "suspicious")
    assert (report.gaps(), report.scope) == ((), (str(tmp_path),))


def test_what_the_baseline_does_not_hold_is_a_gap_and_an_unsigned_one_is_said(tmp_path: Path) -> None:
    report = _report(tmp_path, gaps=("/x: not readable",), unsigned="nobody signed it")
    assert {look.why: look.examples for look in report.gaps()} == {
        "not in the baseline: it could not be read": ("/x: not readable",),
        "nobody signed it": (),
    }
