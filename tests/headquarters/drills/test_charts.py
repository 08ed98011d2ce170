"""The curve of a drill."""

from datetime import UTC, datetime
from pathlib import Path

from codered_hq.drills.advancing import advance
from codered_hq.drills.charts import Line, draw_lines, list_lines
from codered_hq.drills.models import Drill


def test_truth_known_and_model_are_told_apart_without_colour(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    advance(headquarters, at)
    drill.refresh_from_db()
    lines = list_lines(drill, at)
    assert len({line.dash for line in lines}) == len(lines) == 4
    assert all(line.points for line in lines)
    svg = draw_lines(lines, "Title <b>", "x")
    assert svg.count("<polyline") == 4
    assert "Title &lt;b&gt;" in svg
    assert "style=" not in svg


def test_without_points_there_is_still_a_picture() -> None:
    assert "nothing yet" in draw_lines([Line("w", "#000000", "", [])], "t", "x")
