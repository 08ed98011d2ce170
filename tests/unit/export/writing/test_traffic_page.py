from msgspec.structs import replace

from codered.export.writing.traffic_page import draw_traffic
from codered.model.report import TrafficSummary
from tests.fixtures.outbreak_reports import OWN, make_outbreak_report, make_scanner


def test_all_sections() -> None:
    page = "".join(draw_traffic(make_outbreak_report()))
    for heading in ("Network behaviour", "The outbreak over time", "Who infected whom", "What could not be seen"):
        assert f"<h2>{heading}" in page
    assert page.count("<svg") == 2


def test_nothing_to_draw() -> None:
    report = make_outbreak_report()
    assert draw_traffic(replace(report, traffic=None)) == []
    page = "".join(draw_traffic(replace(report, traffic=TrafficSummary())))
    assert "Nobody scans." in page
    assert "<svg" not in page


def test_names_are_escaped() -> None:
    actor = replace(OWN, address="<b>\x1b[2J")
    traffic = TrafficSummary(scanners=(make_scanner(actor),), blind=("<i>",))
    page = "".join(draw_traffic(replace(make_outbreak_report(), traffic=traffic)))
    assert "<b>" not in page
    assert "<i>" not in page
    assert "\x1b" not in page
