"""Saying yes or no in the browser, breaking the glass, and taking back; each once, on what is so now."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.config import headquarters_folder, read_config
from codered_hq.console.acting import action
from codered_hq.console.crisis.answering import Changed, check_seen, find_status, send_on
from codered_hq.console.crisis.approval import draw_approval, find_decision, list_vital, mark_decision
from codered_hq.console.viewing import Viewer
from codered_hq.containment.goals import WORD
from codered_hq.containment.promptly import Means, ask_back, carry_out_promptly
from codered_hq.fleet.permitting import find_waiting, reopen
from codered_hq.gate.glass import LONGEST_REASON, break_glass
from codered_hq.gate.locking import lock_gate
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import name_decision
from codered_hq.gate.showing import view_decision
from codered_hq.gate.voting import vote
from codered_hq.incidents.writing import write_whole

_STATE_WORDS = {"holding": "in place", "undone": "taken back", "failed": "failed, nothing is changed"}


@never_cache
@action
def answer(request: HttpRequest, viewer: Viewer, uid: str) -> HttpResponse:
    """A yes or a no: `answer`, `why`, `seen`, and for vital machines `sure`."""
    decision, yes = find_decision(uid), request.POST.get("answer") == "yes"
    if request.POST.get("answer") not in ("yes", "no"):
        raise WrongUse("is neither yes nor no", where="answer")
    why = request.POST.get("why", "")
    if _answered(decision, viewer, yes):
        return send_on(
            request, f"you said {'yes' if yes else 'no'} already: {name_decision(decision)}", "approval", uid
        )

    def say() -> None:
        if yes and list_vital(decision) and request.POST.get("sure") != "yes":
            raise WrongUse("vital machines are in it", where="Yes", advice="confirm that you know it")
        vote(decision, viewer.speaker, yes, why, viewer.at)

    if (problem := _do_seen(request, viewer, decision, say)) is not None:
        return _draw_problem(request, viewer, decision, problem)
    if not yes:
        return send_on(request, f"{name_decision(decision)}: your no is entered, it is not done", "approval", uid)
    return send_on(request, f"your yes is entered. {go_on(decision, viewer)}", "approval", uid)


@never_cache
@action
def break_it(request: HttpRequest, viewer: Viewer, uid: str) -> HttpResponse:
    """The glass: `reason`, `seen`."""
    decision, reason = find_decision(uid), request.POST.get("reason", "")[:LONGEST_REASON]
    if decision.broke_glass:
        return send_on(request, f"the glass is broken for it already: {decision.broke_glass}", "approval", uid)

    def smash() -> None:
        break_glass(decision, viewer.speaker, reason, viewer.at)

    if (problem := _do_seen(request, viewer, decision, smash)) is not None:
        return _draw_problem(request, viewer, decision, problem)
    told = f"the glass is broken, everybody is told, a review is opened. {go_on(decision, viewer)}"
    return send_on(request, told, "approval", uid)


@never_cache
@action
def take_back(request: HttpRequest, viewer: Viewer, uid: str) -> HttpResponse:
    """Ask the gate to take back what this decision put in place: `why`."""
    viewer.demand_team()
    decision, why = find_decision(uid), request.POST.get("why", "").strip()[:LONGEST_REASON]
    if not why:
        said = {"back_problem": "say why it is taken back", "back_why": why}
        return draw_approval(request, viewer, decision, 400, said)
    rows = list(decision.containments.select_related("decision", "host").order_by("pk"))
    asked = ask_back(rows, why, viewer.speaker, viewer.at)
    if asked is None:
        return send_on(request, "nothing of it is in place any more", "approval", uid)
    return send_on(request, go_on(asked, viewer), "approval", asked.uid if asked.state == "awaiting" else uid)


def go_on(decision: Decision, viewer: Viewer) -> str:
    """Carry out what is allowed, or see to it that somebody does; what came of it, in a sentence."""
    decision.refresh_from_db()
    name = name_decision(decision)
    if decision.state == "awaiting":
        missing = view_decision(decision, viewer.at, 0).missing
        return f"{name} still needs the yes of {' and '.join(missing).replace('_', ' ')}"
    if decision.state == "taken":
        return f"{name} was carried out already"
    if decision.state != "allowed":
        return f"{name} is {decision.state}: rule {decision.rule}: {decision.why}"
    word: object = decision.order.get("word")
    if word == WORD:
        return f"{name} is allowed: {_contain(decision, viewer)}"
    return f"{name} is allowed: {_tell_fleet(decision)}" if word == "fleet" else f"{name} is allowed"


def _answered(decision: Decision, viewer: Viewer, yes: bool) -> bool:
    person = viewer.speaker.person
    return person is not None and decision.votes.filter(person=person, yes=yes).exists()


def _do_seen(request: HttpRequest, viewer: Viewer, decision: Decision, do: Callable[[], Any]) -> CodeRedError | None:
    """Do it within the gate's own turn, if it is still what was seen; what is wrong otherwise. What the gate stored on
    the way (that it expired) stays stored.
    """

    def work() -> CodeRedError | None:
        lock_gate(viewer.at)
        decision.refresh_from_db()
        try:
            check_seen(request, mark_decision(decision), name_decision(decision))
            do()
        except CodeRedError as error:
            return error
        return None

    return write_whole(work)


def _draw_problem(request: HttpRequest, viewer: Viewer, decision: Decision, problem: CodeRedError) -> HttpResponse:
    """The page as it is now, with what was typed and why it was not done."""
    decision.refresh_from_db()
    said = {
        "problem": str(problem), "why": request.POST.get("why", ""), "reason": request.POST.get("reason", ""),
        "stale": "yes" if isinstance(problem, Changed) else "",
    }  # fmt: skip
    return draw_approval(request, viewer, decision, find_status(problem), said)


def _contain(decision: Decision, viewer: Viewer) -> str:
    folder = headquarters_folder()
    try:
        done = carry_out_promptly(decision, Means(read_config(folder), folder), viewer.at)
    except CodeRedError as error:  # the yes stands; what keeps it from being done is told
        return f"but it is not done: {error}"
    if done.left:
        return f"the worker carries it out ({done.left})"
    return (
        "; ".join(f"{row} {_STATE_WORDS.get(row.state, row.state)}" for row in done.rows) or "nothing is to be changed"
    )


def _tell_fleet(decision: Decision) -> str:
    if decision.broke_glass:
        reopen(decision)
    if others := find_waiting(decision):
        return f"{len(others)} more decisions must be approved for the same hosts"
    return "the worker goes on with the run"
