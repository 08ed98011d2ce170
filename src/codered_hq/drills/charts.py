"""The curve of a drill as SVG: what was so, what the team saw, and what would have been with nobody cut off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from codered.export.writing.escaping import Markup, element, escape_html
from codered_hq.drills.models import Drill

WIDTH, HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _GROUND = 56, 12, 14, 226
_INK: Final = "#5b6673"


class Line(NamedTuple):
    """Points (minutes, machines), with its word, colour and dashes: told apart without colour. `kind` is its class: a
    page in the dark has colours of its own.
    """

    word: str
    colour: str
    dash: str
    points: Sequence[tuple[float, float]]
    kind: str = "line-known"


def list_lines(drill: Drill, at: datetime) -> list[Line]:
    """The three lines up to this time (aware), in real minutes from the beginning."""
    points = list(drill.points.filter(at__lte=at).order_by("at"))
    after = [((point.at - drill.started_at).total_seconds() / 60, point) for point in points]
    end = max((at - drill.started_at).total_seconds() / 60, 1.0)
    model = [(minute / drill.speed, number) for minute, number in enumerate(drill.uncontained)]
    return [
        Line("infected, with nobody cut off", "#8a6d00", "2 4", [one for one in model if one[0] <= end], "line-model"),
        Line("infected in truth", "#b3261e", "", [(minute, point.infected) for minute, point in after],
             "line-infected"),
        Line("still spreading", "#6a3fa0", "10 3", [(minute, point.spreading) for minute, point in after],
             "line-contained"),
        Line("known to the team", "#1f5fa8", "6 4", [(minute, point.known) for minute, point in after], "line-known"),
    ]  # fmt: skip


def draw_lines(lines: Sequence[Line], title: str, name: str) -> Markup:
    """The SVG and its legend; `name` is its own on the page."""
    furthest = max((point[0] for line in lines for point in line.points), default=1.0) or 1.0
    highest = max((point[1] for line in lines for point in line.points), default=1.0) or 1.0
    told = "; ".join(f"{line.word}: {line.points[-1][1]:g}" for line in lines if line.points) or "nothing yet"
    parts = [
        element("title", escape_html(title), id=f"{name}-title"),
        element("desc", escape_html(told), id=f"{name}-desc"),
    ]
    for quarter in range(5):
        y = _GROUND - (_GROUND - _TOP) * quarter / 4
        parts.append(element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, stroke="#d9dee5", class_="grid"))
        parts.append(_write(f"{highest * quarter / 4:.0f}", _LEFT - 8, y + 4, "end"))
        x = _LEFT + (WIDTH - _LEFT - _RIGHT) * quarter / 4
        anchor = ("start", "middle", "middle", "middle", "end")[quarter]
        parts.append(_write(f"{furthest * quarter / 4:.0f} min", x, _GROUND + 18, anchor))
    for line in lines:
        if line.points:
            parts.append(_draw(line, furthest, highest))
    svg = element(
        "svg", *parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", class_="curve",
        aria_labelledby=f"{name}-title {name}-desc",
    )  # fmt: skip
    legend = element("ul", *map(_draw_word, lines), class_="legend")
    return element("figure", svg, legend, element("figcaption", escape_html(told)))


def _draw(line: Line, furthest: float, highest: float) -> Markup:
    places = " ".join(
        f"{_LEFT + (WIDTH - _LEFT - _RIGHT) * x / furthest:.1f},{_GROUND - (_GROUND - _TOP) * y / highest:.1f}"
        for x, y in line.points
    )
    return element("polyline", points=places, fill="none", **_describe(line))


def _draw_word(line: Line) -> Markup:
    mark = element("line", x1=0, x2=34, y1=6, y2=6, **_describe(line))
    icon = element("svg", mark, viewBox="0 0 34 12", width="34", height="12", aria_hidden="true")
    return element("li", icon, escape_html(f" {line.word}"))


def _describe(line: Line) -> dict[str, str]:
    return {"stroke": line.colour, "stroke_width": "2.5", "stroke_dasharray": line.dash, "class_": line.kind}


def _write(text: str, x: float, y: float, anchor: str) -> Markup:
    return element(
        "text", escape_html(text), x=round(x, 1), y=round(y, 1), text_anchor=anchor, fill=_INK, font_size="12"
    )
