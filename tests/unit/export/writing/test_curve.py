from datetime import datetime
from xml.etree import ElementTree

import pytest

from codered.export.writing.curve import describe_curve, draw_curve
from codered.export.writing.hours import HourBins


def make_bins(*counts: int, hours: int = 1) -> HourBins:
    heights = (*counts, *[0] * (24 - len(counts)))
    start = datetime(2001, 7, 19, 8)  # noqa: DTZ001
    return HourBins(start, hours, {"Code Red <v1>": heights, "Nimda": heights}, 2 * sum(counts))


def read_svg(bins: HourBins) -> ElementTree.Element:
    return ElementTree.fromstring(f"<all>{draw_curve(bins)}</all>")


def test_describes_itself() -> None:
    bins = make_bins(1, 5, 2)
    told = "16 requests in bars of 1 hour (UTC); the highest, 10 requests, begins 2001-07-19 09:00."
    assert describe_curve(bins) == told
    svg = read_svg(bins).find(".//svg")
    assert svg is not None
    assert svg.get("role") == "img"
    assert svg.findtext("desc") == told
    assert svg.findtext("title") == "Attack requests over time"


def test_bars_are_stacked_and_stay_inside() -> None:
    bars = read_svg(make_bins(1, 5, 2)).findall(".//rect")
    assert len(bars) == 6
    first, second = ((float(bar.get("y", "")), float(bar.get("height", ""))) for bar in bars[2:4])
    assert first[0] == pytest.approx(second[0] + second[1])
    assert first[1] == pytest.approx(second[1])
    assert all(float(bar.get("y", "")) >= 0 for bar in bars)
    assert bars[2].findtext("title") == "2001-07-19 09:00: 5 requests, Code Red <v1>"


def test_a_single_bar_is_no_wall() -> None:
    widths = [float(bar.get("width", "")) for bar in read_svg(make_bins(5)).findall(".//rect")]
    assert max(widths) < 100


@pytest.mark.parametrize(("highest", "labels"), [(1, ["0", "1", "2"]), (30, ["0", "20", "40", "60"])])
def test_scale(highest: int, labels: list[str]) -> None:
    texts = [each.text for each in read_svg(make_bins(highest)).iter("text")]
    assert texts[: len(labels)] == labels


def test_days_are_labelled_as_days() -> None:
    texts = [each.text for each in read_svg(make_bins(1, hours=24)).iter("text")]
    assert "2001-07-19" in texts
    assert "time (UTC), a bar = 24 hours" in texts


def test_legend_has_totals() -> None:
    items = ["".join(item.itertext()) for item in read_svg(make_bins(1, 5, 2)).iter("li")]
    assert items == ["Code Red <v1>: 8", "Nimda: 8"]
