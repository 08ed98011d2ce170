"""The outbreak curve as SVG: three lines that differ in colour and dash, and words for those who can't see them.

Colours stand in the elements, for printing; a page's style may replace them by class (dark mode).
"""

from codered.export.writing.escaping import Markup, element, escape_html, join_markup
from codered_hq.reporting.document import Curve
from codered_hq.reporting.words import tell_count, tell_time

WIDTH, HEIGHT = 560, 270
"""As wide as a column of the war room, so that its letters are as large as they say."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 16, 14, 54
_GROUND = HEIGHT - _BOTTOM
_ROOM = 112  # that a time needs, in the letters of a narrow screen too
_MOST_TIMES = 4
_INK = "#5a6675"
_LINES = (
    ("infected", "found infected", "#b3261e", ""),
    ("contained", "contained", "#9a5b00", "9 5"),
    ("verified", "verified clean", "#1c7a3f", "2 4"),
)


def draw_chart(curve: Curve, name: str = "curve") -> Markup:
    """The SVG and its legend; `name` is its own on the page."""
    top = _find_top(max(curve.infected[-1], curve.contained[-1], curve.verified[-1]))
    told = describe_chart(curve)
    parts = [
        element("title", escape_html("Outbreak curve"), id=f"{name}-title"),
        element("desc", escape_html(told), id=f"{name}-desc"),
        *_draw_scale(top),
        *_draw_times(curve),
        *(_draw_line(getattr(curve, field), top, field, colour, dash) for field, _word, colour, dash in _LINES),
    ]
    svg = element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img",
        width=WIDTH, height=HEIGHT, aria_labelledby=f"{name}-title {name}-desc",
    )  # fmt: skip
    return element("figure", svg, _draw_legend(curve), element("figcaption", escape_html(told)))


def describe_chart(curve: Curve) -> str:
    """The curve in a sentence."""
    counts = f"{tell_count(curve.infected[-1], 'host')} found infected since {tell_time(curve.start)}"
    span = "hour" if curve.hours <= 1 else "day" if curve.hours == 24 else f"{curve.hours // 24} days"
    span = f"{curve.hours} hours" if 1 < curve.hours < 24 else span
    before = 60 // curve.minutes if curve.minutes else 1
    new = curve.infected[-1] - (curve.infected[-1 - before] if len(curve.infected) > before else 0)
    rest = f"{curve.contained[-1]:,} were contained, {curve.verified[-1]:,} verified clean"
    return f"{counts}, {new:,} of them in the last {span}; {rest}."


def _find_top(highest: int) -> int:
    """The first of 4, 8, 20, 40, 80, 200, … that is not below: four grid lines at whole numbers."""
    power = 1
    while True:
        for factor in (4, 8, 20):
            if highest <= factor * power:
                return factor * power
        power *= 10


def _draw_scale(top: int) -> list[Markup]:
    parts = []
    for quarter in range(5):
        y = _GROUND - (_GROUND - _TOP) * quarter / 4
        line = element("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y, stroke="#d9dee5", class_="grid")
        parts += [line, _write(f"{top * quarter // 4:,}", _LEFT - 8, y + 4, "end")]
    return parts


def _draw_times(curve: Curve) -> list[Markup]:
    number, parts = len(curve.infected), []
    for at in range(0, number, max(-(-number // _MOST_TIMES), 1)):
        x = _place(at, number)
        time = tell_time(curve.start + curve.span * at).removesuffix(" UTC")
        parts += [element("line", x1=x, x2=x, y1=_GROUND, y2=_GROUND + 5, stroke=_INK, class_="ground")]
        if x < WIDTH - _ROOM:
            said = time[:10] if curve.hours >= 24 else time[11:] if curve.minutes else time[5:]
            parts += [_write(said, x, _GROUND + 21, "start")]
    label = "hosts, added up; time in UTC"
    return [*parts, _write(label, (WIDTH + _LEFT) / 2, HEIGHT - 4, "middle")]


def _draw_line(values: tuple[int, ...], top: int, field: str, colour: str, dash: str) -> Markup:
    """Steps: a number holds until the next span."""
    number, points = len(values), []
    for at, value in enumerate(values):
        y = round(_GROUND - (_GROUND - _TOP) * value / top, 1)
        points += [f"{_place(at, number)},{y}", f"{_place(at + 1, number)},{y}"]
    return element(
        "polyline", points=" ".join(points), fill="none", stroke=colour, stroke_width="2.5", stroke_dasharray=dash,
        class_=f"line-{field}",
    )  # fmt: skip


def _draw_legend(curve: Curve) -> Markup:
    items = []
    for field, word, colour, dash in _LINES:
        line = element(
            "line", x1=0, x2=34, y1=6, y2=6, stroke=colour, stroke_width="2.5", stroke_dasharray=dash,
            class_=f"line-{field}",
        )  # fmt: skip
        mark = element("svg", line, viewBox="0 0 34 12", width=34, height=12, aria_hidden="true")
        items.append(element("li", mark, escape_html(f" {word}: {getattr(curve, field)[-1]:,}")))
    return element("ul", join_markup(items), class_="legend")


def _write(text: str, x: float, y: float, anchor: str) -> Markup:
    return element(
        "text", escape_html(text), x=round(x, 1), y=round(y, 1), text_anchor=anchor, fill=_INK, font_size="12",
        font_family="sans-serif",
    )  # fmt: skip


def _place(at: int, number: int) -> float:
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * at / number, 1)
