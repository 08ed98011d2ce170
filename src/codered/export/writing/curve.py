"""A curve over time as an inline SVG: stacked bars, axes, words for those who cannot see it."""

import datetime
from typing import Protocol

from codered.export.writing.escaping import Markup, element, escape_html, join_markup
from codered.export.writing.words import count_of, format_count, format_time

_WIDTH, _HEIGHT = 920, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 12, 46
_PLOT_WIDTH = _WIDTH - _LEFT - _RIGHT
_PLOT_HEIGHT = _HEIGHT - _TOP - _BOTTOM
_WIDEST_BAR = _PLOT_WIDTH / 12
_GROUND = _TOP + _PLOT_HEIGHT


class Bins(Protocol):
    """Equal spans of time and what was counted in each, by series."""

    @property
    def series(self) -> dict[str, tuple[int, ...]]:
        """What is counted by series and bin; all are equally long."""
        ...

    @property
    def requests(self) -> int:
        """The sum of everything."""
        ...

    def time_of(self, at: int) -> datetime.datetime:
        """When the bin begins."""
        ...

    def heights(self) -> list[int]:
        """All series together, by bin."""
        ...

    def width(self) -> str:
        """The time that a bin spans, in words."""
        ...

    def noun(self) -> str:
        """What is counted."""
        ...

    def is_daily(self) -> bool:
        """Whether a day is enough to say when a bin begins."""
        ...


def draw_curve(bins: Bins, title: str = "Attack requests over time", name: str = "curve") -> Markup:
    """The SVG and its legend. Colours come from the page's style by class `s0`…`s6`, so that they follow dark mode.
    `name` is its own on the page.
    """
    heights = bins.heights()
    step = _choose_step(max(heights))
    top = step * max(-(-max(heights) // step), 1)
    parts = [
        element("title", escape_html(title), id=f"{name}-title"),
        element("desc", escape_html(describe_curve(bins)), id=f"{name}-desc"),
        *_draw_scale(step, top, bins.noun()),
        *_draw_times(bins, len(heights)),
        *_draw_bars(bins, top),
    ]
    svg = element(
        "svg",
        *parts,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )
    return join_markup([element("div", svg, class_="scroll", tabindex="0"), _draw_legend(bins)])


def describe_curve(bins: Bins) -> str:
    """The curve in a sentence."""
    heights = bins.heights()
    peak = max(range(len(heights)), key=heights.__getitem__)
    when = format_time(bins.time_of(peak), seconds=False)
    return (
        f"{count_of(bins.requests, bins.noun())} in bars of {bins.width()} (UTC); "
        f"the highest, {count_of(heights[peak], bins.noun())}, begins {when}."
    )


def _choose_step(highest: int) -> int:
    """The distance of grid lines: 1, 2 or 5 times a power of ten, at most 5 of them."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if highest <= factor * power * 5:
                return factor * power
        power *= 10


def _draw_scale(step: int, top: int, noun: str) -> list[Markup]:
    parts = []
    for value in range(0, top + 1, step):
        y = _round(_GROUND - _PLOT_HEIGHT * value / top)
        parts.append(element("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid" if value else "ground"))
        parts.append(element("text", escape_html(format_count(value)), x=_LEFT - 8, y=y + 4, text_anchor="end"))
    middle = _TOP + _PLOT_HEIGHT / 2
    turned = f"rotate(-90 14 {_round(middle)})"
    parts.append(
        element("text", escape_html(noun + "s"), x=14, y=_round(middle), text_anchor="middle", transform=turned)
    )
    return parts


def _draw_times(bins: Bins, count: int) -> list[Markup]:
    parts = []
    every = max(-(-count // 6), 1)
    for at in range(0, count, every):
        x = _round(_LEFT + _PLOT_WIDTH * at / count)
        parts.append(element("line", x1=x, x2=x, y1=_GROUND, y2=_GROUND + 5, class_="ground"))
        written = format_time(bins.time_of(at), seconds=False)
        if bins.is_daily():
            written = written[:10]
        # Near the right edge a label would run out of the picture.
        anchor = "end" if x > _WIDTH - 110 else "start"
        parts.append(element("text", escape_html(written), x=x, y=_GROUND + 18, text_anchor=anchor))
    label = f"time (UTC), a bar = {bins.width()}"
    middle = _round(_LEFT + _PLOT_WIDTH / 2)
    parts.append(element("text", escape_html(label), x=middle, y=_HEIGHT - 6, text_anchor="middle"))
    return parts


def _draw_bars(bins: Bins, top: int) -> list[Markup]:
    parts = []
    count = len(bins.heights())
    width = _PLOT_WIDTH / count
    drawn = min(width * 0.84, _WIDEST_BAR)
    for at in range(count):
        floor = float(_GROUND)
        for number, (name, counts) in enumerate(bins.series.items()):
            if not counts[at]:
                continue
            # A single request among thousands must still be seen.
            height = max(_PLOT_HEIGHT * counts[at] / top, 1.0)
            floor -= height
            when = format_time(bins.time_of(at), seconds=False)
            told = escape_html(f"{when}: {count_of(counts[at], bins.noun())}, {name}")
            parts.append(
                element(
                    "rect",
                    element("title", told),
                    x=_round(_LEFT + at * width + width * 0.08),
                    y=_round(floor),
                    width=_round(drawn),
                    height=_round(height),
                    class_=f"s{number}",
                )
            )
    return parts


def _draw_legend(bins: Bins) -> Markup:
    items = []
    for number, (name, counts) in enumerate(bins.series.items()):
        mark = element("span", Markup(""), class_=f"mark s{number}")
        items.append(element("li", mark, escape_html(f"{name}: {format_count(sum(counts))}")))
    return element("ul", *items, class_="legend")


def _round(value: float) -> float:
    return round(value, 2)
