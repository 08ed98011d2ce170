"""A drill is started on the page of a real headquarters: its folder is made, a process of its own begins it."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from codered.model.errors import Refused, WrongUse
from codered_hq.config import headquarters_folder, is_exercise
from codered_hq.console.acting import action
from codered_hq.console.exercises.drills import look_at, may_start
from codered_hq.console.viewing import Viewer
from codered_hq.drills.ranges import Wanted, begin_behind, make_range
from codered_hq.drills.scenario_files import list_scenarios


@action
def start(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Start one; what was typed is kept if it can't be."""
    if not may_start(viewer):
        what = "only an incident commander, an executive or an administrator of the console starts a drill"
        raise Refused(what, where=viewer.name, advice="ask one of them")
    if is_exercise():
        raise Refused("this is a drill's own headquarters", where="drills", advice="start one from the real one")
    try:
        wanted = _read(request, f"{viewer.at:%Y%m%d-%H%M}")
        scenario = list_scenarios()[wanted.scenario]
        folder = make_range(headquarters_folder(), wanted, scenario, viewer.name, viewer.at)
        begun = begin_behind(folder, wanted)
    except WrongUse as error:
        given = look_at(viewer) | {"wrong": error, "typed": request.POST}
        return render(request, "console/exercises/drills.html", given, status=HTTPStatus.BAD_REQUEST)
    told = "goes on" if begun else "begins: it is in the list, and goes on in a moment"
    messages.success(request, f"Drill {wanted.name} {told}.")
    answered = redirect("drills")
    answered.status_code = HTTPStatus.SEE_OTHER
    return answered


def _read(request: HttpRequest, stamp: str) -> Wanted:
    scenario, speed = request.POST.get("scenario", ""), request.POST.get("speed", "").strip()
    if scenario not in list_scenarios():
        raise WrongUse("is no scenario that is shipped", where=scenario[:64], advice="choose one of the list")
    try:
        number = float(speed or 0)
    except ValueError:
        raise WrongUse("is no speed", where=speed[:20], advice="a number, as 2") from None
    return Wanted(scenario=scenario, name=request.POST.get("name", "").strip() or f"{scenario}-{stamp}", speed=number)
