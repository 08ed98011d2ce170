"""The chart: well-formed SVG with words."""

from xml.etree import ElementTree

from codered_hq.reporting.charts import describe_chart, draw_chart
from codered_hq.reporting.document import Curve
from tests.fixtures.status_reports import NOW, make_report

NAME = "{http://www.w3.org/2000/svg}"


def test_a_chart_is_well_formed_says_itself_in_words_and_stays_in_its_frame() -> None:
    curve = make_report().curve
    assert curve is not None
    large = Curve(start=NOW, hours=24, infected=(1,) * 95 + (50_000,), contained=(0,) * 96, verified=(0,) * 96)
    none = Curve(start=NOW, hours=1, infected=(0,), contained=(0,), verified=(1,))
    for each in (curve, large, none):
        figure = ElementTree.fromstring(str(draw_chart(each)))
        svg = figure[0]
        assert [svg[0].tag, svg[1].tag] == [f"{NAME}title", f"{NAME}desc"]
        assert svg[1].text == describe_chart(each)
        assert svg.get("aria-labelledby") == "curve-title curve-desc"
        lines = svg.findall(f"{NAME}polyline")
        assert [line.get("stroke-dasharray") for line in lines] == [None, "9 5", "2 4"]
        for line in lines:
            points = [tuple(map(float, point.split(","))) for point in (line.get("points") or "").split()]
            assert len(points) == 2 * len(each.infected)
            assert all(0 <= x <= 560 and 0 <= y <= 270 for x, y in points)
    assert describe_chart(curve) == (
        "43 hosts found infected since 2026-11-23 09:00 UTC, 23 of them in the last hour; 12 were contained, "
        "7 verified clean."
    )
    assert "49,999 of them in the last day;" in describe_chart(large)
