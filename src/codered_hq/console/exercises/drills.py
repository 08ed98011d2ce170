"""The list of drills, their scores over time, and what can be played."""

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
from codered_hq.drills.scenario_files import list_scenarios

MOST_SHOWN = 50


@page
def show(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All of it."""
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
    given = {
        "drills": Drill.objects.order_by("-pk")[:MOST_SHOWN], "history": list(reversed(history)), "chart": chart,
        "scenarios": scenarios, "own": is_exercise(), "viewer": viewer, **find_current(viewer.at),
    }  # fmt: skip
    return render(request, "console/exercises/drills.html", given)
