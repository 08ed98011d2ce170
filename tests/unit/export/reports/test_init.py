from codered.export import reports
from codered.model.report import Report


def test_every_format_is_in_the_list_and_writes_every_report(demo_reports: dict[str, Report]) -> None:
    assert list(reports.RENDERERS) == ["text", "json", "html", "csv", "attackers-csv"]
    for render in reports.RENDERERS.values():
        for report in demo_reports.values():
            assert render(report).endswith("\n")
