"""What is contained now, what needs somebody first; and taking it back."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.console.acting import STATUSES, action, page
from codered_hq.console.machines.looking_ahead import Role, find_means, name_roles
from codered_hq.console.machines.paging import cut_list
from codered_hq.console.machines.showing import go_to, show
from codered_hq.console.machines.telling import Told, tell_carried_out, tell_decision
from codered_hq.console.viewing import Viewer
from codered_hq.containment.asking import make_release_request
from codered_hq.containment.choosing import find_rows
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.containment.promptly import ask_back, carry_out_promptly
from codered_hq.containment.rows import describe
from codered_hq.containment.settling import tell_keeping
from codered_hq.containment.views import ContainmentView, list_views, view
from codered_hq.gate.weighing import weigh
from codered_hq.model.action import Verdict

LONGEST_REASON = 2_000
MOST_AT_ONCE = 50


class Back(NamedTuple):
    """Containments of one decision, what the rules say to taking them back, and who must say yes."""

    rows: list[Containment]
    views: tuple[ContainmentView, ...]
    verdict: Verdict
    roles: tuple[Role, ...]


@page
def containments(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All that may be in place; with ?ended=yes what is over as well."""
    return show(request, "containments.html", list_containments(request, viewer))


@page
def part_containments(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The list alone, as it is now."""
    return show(request, "part_containments.html", list_containments(request, viewer))


def list_containments(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    """A page of them, what needs somebody first."""
    ended = request.GET.get("ended") == "yes"
    found = list_views(viewer.at, ended=ended)
    return {
        "page": cut_list(found, request.GET), "ended": ended, "query": request.GET.urlencode(),
        "stuck": sum(each.state == "stuck" for each in found), "keeping": tell_keeping(find_means().folder),
    }  # fmt: skip


@page
def release(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What would be taken back (?uid=…, several times), what the rules say to it, and the form that asks for it."""
    return _show(request, _look(request.GET.getlist("uid"), "", viewer))


@action
def ask_release(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Ask the gate to take it back, and take it back if that is allowed."""
    viewer.demand_team()
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    backs = _look(request.POST.getlist("uid"), reason, viewer)
    if request.POST.get("seen", "") != _sign(backs):
        problem = WrongUse("it has changed since you looked; nothing was done", advice="look at it again")
        return _show(request, backs, problem, HTTPStatus.CONFLICT)
    if not reason:
        problem = WrongUse("why?", advice="say it in a sentence: it is for people and the ledger")
        return _show(request, backs, problem, STATUSES[WrongUse])
    told = [_ask(back, reason, viewer) for back in backs]
    for each in told:
        messages.add_message(request, each.level, each.text)
    return go_to(told[0].address if len(told) == 1 and told[0].address else reverse("containments"))


def _look(uids: Sequence[str], reason: str, viewer: Viewer) -> list[Back]:
    """Raises WrongUse if nothing is named, or nothing of it is in place any more."""
    named = [uid for uid in uids if uid][:MOST_AT_ONCE]
    groups = find_rows(named) if named else []
    if not groups:
        what = "nothing of this is in place any more" if named else "no containment is named"
        raise WrongUse(what, where="release", advice="the list of containments shows what is")
    return [_look_at(rows, reason, viewer) for rows in groups]


def _look_at(rows: list[Containment], reason: str, viewer: Viewer) -> Back:
    before = rows[0].decision
    wish = Wish(reason=reason, incident=before.incident, drill=before.drill)
    goal = Goal(do="release", uids=tuple(row.uid for row in rows))
    request = make_release_request(rows, goal, wish, viewer.name, viewer.at)
    verdict = weigh(request, viewer.at).verdict
    views = tuple(view(row, viewer.at) for row in rows)
    return Back(rows, views, verdict, name_roles(verdict.needs, viewer.incident, viewer))


def _ask(back: Back, reason: str, viewer: Viewer) -> Told:
    name = describe(back.rows[0])
    decision = ask_back(back.rows, reason, viewer.speaker, viewer.at)
    if decision is None:
        return Told(messages.INFO, f"{name}: it was taken back already")
    if decision.state != "allowed":
        return tell_decision(decision, f"release of {name}", viewer.at)
    try:
        done = carry_out_promptly(decision, find_means(), viewer.at)
    except CodeRedError as error:
        return Told.failed(f"{name}: {error}")
    return tell_carried_out(done, name)


def _sign(backs: Sequence[Back]) -> str:
    return " ".join(f"{row.uid[:12]}:{row.state}" for back in backs for row in back.rows)


def _show(
    request: HttpRequest, backs: list[Back], problem: CodeRedError | None = None, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    context = {
        "backs": backs, "seen": _sign(backs), "problem": problem, "reason": request.POST.get("reason", ""),
    }  # fmt: skip
    return show(request, "release.html", context, status)
