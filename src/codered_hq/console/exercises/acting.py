"""What is done on the pages of drills: an inject is answered, subnets are swept, the drill ends."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from codered.model.errors import Refused, WrongUse
from codered_hq.config import headquarters_folder
from codered_hq.console.acting import action
from codered_hq.console.exercises.drill import find_drill, list_ranges, look_at
from codered_hq.console.viewing import Viewer
from codered_hq.drills.advancing import advance
from codered_hq.drills.answering import answer_inject, end_drill
from codered_hq.drills.sweeping import sweep_range


@action
def answer(request: HttpRequest, viewer: Viewer, pk: int, number: int) -> HttpResponse:
    """Answer an inject; what was typed is kept if it can't be taken."""
    viewer.demand_team()
    drill, text = find_drill(pk), request.POST.get("answer", "")
    try:
        answer_inject(drill, number, text, viewer.speaker, viewer.at)
    except WrongUse as error:
        given = look_at(drill, viewer) | {"uncovered": list_ranges(drill), "typed": text, "typed_at": number}
        return render(request, "console/exercises/drill.html", given | {"wrong": error}, status=HTTPStatus.BAD_REQUEST)
    messages.success(request, f"Inject {number} is answered.")
    return _go_back(pk)


@action
def sweep(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Sweep chosen subnets of the range."""
    viewer.demand_team()
    drill = find_drill(pk)
    if drill.ended_at is not None:
        raise Refused("the drill is over", where=drill.name)
    ranges = list(dict.fromkeys(request.POST.getlist("range")))
    if not ranges:
        raise WrongUse("no subnet was chosen", where="sweep", advice="tick those that are to be swept")
    advance(headquarters_folder(), viewer.at)
    made = sweep_range(drill, ranges, viewer.at)
    found = made.counts.get("infected", 0)
    messages.success(request, f"Swept {len(ranges)} subnets: {found} addresses look infected.")
    return _go_back(pk)


@action
def end(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """End the drill; its score is final."""
    viewer.demand_administrator()
    advance(headquarters_folder(), viewer.at)
    made = end_drill(find_drill(pk), viewer.speaker, headquarters_folder(), viewer.at)
    messages.success(request, f"The drill is over: {made.total:g} of 100 points.")
    return _go_back(pk)


def _go_back(pk: int) -> HttpResponse:
    answered = redirect("drill", pk=pk)
    answered.status_code = HTTPStatus.SEE_OTHER
    return answered
