"""One drill: the truth beside what the team sees, for who leads it; injects and score for everybody."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from codered_hq.config import headquarters_folder
from codered_hq.console.acting import page
from codered_hq.console.exercises.current import find_deadline, find_end
from codered_hq.console.viewing import Viewer
from codered_hq.drills.charts import draw_lines, list_lines
from codered_hq.drills.history import find_before
from codered_hq.drills.models import TABLETOP, Drill
from codered_hq.drills.scoring import count_saved, score


@page
def show(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """The page."""
    drill = find_drill(pk)
    given = look_at(drill, viewer)
    given["uncovered"] = list_ranges(drill)
    return render(request, "console/exercises/drill.html", given)


@page
def show_part(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """What moves of it; without a form."""
    return render(request, "console/exercises/drill_part.html", look_at(find_drill(pk), viewer))


def find_drill(pk: int) -> Drill:
    """The drill at a table of this number. Raises Http404."""
    found = Drill.objects.select_related("incident").filter(pk=pk, kind=TABLETOP).first()
    if found is None:
        raise Http404("no such drill")
    return found


def may_see_truth(drill: Drill, viewer: Viewer) -> bool:
    """Who plays does not know more than he found: an administrator leads the drill; after its end everybody may."""
    return viewer.account.administrator or drill.ended_at is not None


def look_at(drill: Drill, viewer: Viewer) -> dict[str, Any]:
    """What the page shows."""
    at = min(viewer.at, drill.ended_at) if drill.ended_at else viewer.at
    truth = may_see_truth(drill, viewer)
    given = {
        "played": drill, "truth": truth, "at": at, "ends_at": find_end(drill),
        "injects": _list_injects(drill, at, truth), "viewer": viewer,
    }  # fmt: skip
    if truth:
        given |= _tell_truth(drill, at)
    return given


def list_ranges(drill: Drill) -> list[tuple[str, str]]:
    """The subnets of the range by address and name, as the scenario has them."""
    return [(str(one["range"]), f"{one['name']}, {one['site']}") for one in drill.scenario.get("population", [])]


def _tell_truth(drill: Drill, at: datetime) -> dict[str, Any]:
    infected, model = count_saved(drill, at)
    last = drill.points.filter(at__lte=at).order_by("-at").first()
    chart = draw_lines(list_lines(drill, at), "Infected machines over the drill", f"drill-{drill.pk}")
    made = score(drill, at)
    return {
        "infected": infected, "model": model, "last": last, "score": made,
        "chart": mark_safe(chart),  # noqa: S308 - numbers and fixed words, in markup that escapes
        "earlier": find_before(headquarters_folder(), made),
    }  # fmt: skip


def _list_injects(drill: Drill, at: datetime, truth: bool) -> list[dict[str, Any]]:
    """Those that were due; to who leads the drill also those to come."""
    found = drill.injects.order_by("due_at", "number")
    if not truth:
        found = found.filter(due_at__lte=at)
    return [
        {"inject": one, "deadline": find_deadline(one) if one.minutes else None, "due": one.due_at <= at,
         "late": bool(one.minutes and (one.answered_at or at) > find_deadline(one))}
        for one in found
    ]  # fmt: skip
