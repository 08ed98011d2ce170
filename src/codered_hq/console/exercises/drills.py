"""The list of drills, their scores over time, and what can be played."""

import os
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from codered_hq.config import headquarters_folder, is_exercise
from codered_hq.console.acting import page
from codered_hq.console.exercises.current import find_current
from codered_hq.console.viewing import Viewer
from codered_hq.drills.charts import Line, draw_lines
from codered_hq.drills.history import read_history
from codered_hq.drills.models import Drill
from codered_hq.drills.ranges import list_ranges
from codered_hq.drills.scenario_files import list_scenarios

MOST_SHOWN = 50
STARTERS = frozenset({"incident_commander", "executive"})
"""Who may start one, beside administrators of the console."""


@page
def show(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All of it."""
    return render(request, "console/exercises/drills.html", look_at(viewer))


@page
def show_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The drills below this headquarters; without a form."""
    return render(request, "console/exercises/ranges_part.html", _look_below(viewer))


def look_at(viewer: Viewer) -> dict[str, Any]:
    """What the page shows."""
    history = read_history(headquarters_folder())[-MOST_SHOWN:]
    points = [(float(number), score.total) for number, score in enumerate(history, 1)]
    line = Line("points of 100", "#1f5fa8", "", points)
    chart = ""
    if len(points) > 1:
        chart = mark_safe(draw_lines([line], "Scores of the last drills", "history"))  # noqa: S308 - escaped
    scenarios = [
        {"name": name, "said": said, "hosts": sum(subnet.hosts for subnet in said.population)}
        for name, said in list_scenarios().items()
    ]
    return {
        "drills": Drill.objects.order_by("-pk")[:MOST_SHOWN], "history": list(reversed(history)), "chart": chart,
        "scenarios": scenarios, "own": is_exercise(), **_look_below(viewer), **find_current(viewer.at),
    }  # fmt: skip


def _look_below(viewer: Viewer) -> dict[str, Any]:
    return {
        "ranges": list_ranges(headquarters_folder())[:MOST_SHOWN], "how": find_way(), "viewer": viewer,
        "may_start": may_start(viewer),
    }  # fmt: skip


def may_start(viewer: Viewer) -> bool:
    """Who leads incidents, decides on them, or administers the console."""
    return bool(viewer.roles & STARTERS) or viewer.account.administrator


def find_way() -> str:
    """How consoles of drills are reached from here: "served" beside this one, not behind a "proxy", or by "hand"."""
    if os.environ.get("CODERED_CONSOLE_DRILLS") == "served":
        return "served"
    return "proxy" if os.environ.get("CODERED_CONSOLE_ORIGIN") else "hand"
