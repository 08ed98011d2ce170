"""`codered incident status` and its files."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered_hq.cli.incident_reporting import executive, judge, status
from tests.fixtures.status_reports import make_report


@pytest.mark.django_db
def test_status_speaks_text_json_html_and_pdf(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from codered.model.errors import WrongUse
    from codered_hq.incidents.models import Incident

    with pytest.raises(WrongUse, match="no incident is open"):
        status({})
    Incident.objects.create(name="w", title="A worm", declared_at=datetime.now(UTC), declared_by="x")
    assert status({"name": ""}) == 3  # nothing was looked at: never clean
    assert "w: A worm" in capsys.readouterr().out
    assert status({"name": "w", "as_json": True}) == 3
    document = json.loads(capsys.readouterr().out)
    assert (document["format"], document["incident"]) == ("codered/status/1", "w")
    page, pdf = tmp_path / "s.html", tmp_path / "s.pdf"
    assert status({"name": "w", "html": str(page), "pdf": str(pdf)}) == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"{pdf} written (AMBER)" in shown.err
    assert "Status report" in page.read_text()
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert executive({"name": "w", "html": str(page), "pdf": ""}) == 3
    assert "What it costs the business" in page.read_text()
    assert executive({"name": "w"}) == 3
    assert "We are finding out what is infected." in capsys.readouterr().out
    with pytest.raises(WrongUse, match="folder"):
        status({"name": "w", "pdf": str(tmp_path / "none" / "s.pdf")})


def test_the_exit_code_is_found_then_incomplete_then_clean() -> None:
    from msgspec.structs import replace

    report = make_report(coverage_complete=True)
    calm = replace(report.numbers, infected=0, suspect=0, contained=0, not_reached=0, partly=0)
    assert judge(report) == 1
    assert judge(replace(report, numbers=replace(calm, contained=1))) == 1
    assert judge(replace(report, numbers=replace(calm, not_reached=1))) == 3
    assert judge(replace(report, numbers=calm, coverage_complete=False)) == 3
    assert judge(replace(report, numbers=calm)) == 0
