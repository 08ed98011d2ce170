from msgspec.structs import replace

from codered.export.writing.paint import Paint
from codered.export.writing.traffic_text import MOST_ROWS, write_traffic
from codered.model.report import TrafficSummary
from tests.fixtures.outbreak_reports import OWN, make_outbreak_report, make_scanner


def test_who_scans_who_infected_whom_and_what_was_not_seen() -> None:
    lines = write_traffic(make_outbreak_report(), Paint(colour=False))
    text = "\n".join(lines)
    assert "10.0.0.5            internal  confirmed  tcp 80 and" in text
    assert "Who infected whom: 4 passings seen" in text
    assert "not seen: which process it is" in text
    assert "forgotten: 3 destinations" in text
    assert all(len(line) <= 100 for line in lines)


def test_nothing_to_tell() -> None:
    report = make_outbreak_report()
    assert write_traffic(replace(report, traffic=None), Paint(colour=False)) == []
    quiet = write_traffic(replace(report, traffic=TrafficSummary()), Paint(colour=False))
    assert quiet[-1] == "  nobody scans"


def test_many_rows_are_cut() -> None:
    traffic = TrafficSummary(scanners=tuple(make_scanner(OWN) for _ in range(MOST_ROWS + 3)))
    lines = write_traffic(replace(make_outbreak_report(), traffic=traffic), Paint(colour=False))
    assert "  … and 3 more (see --json)" in lines
