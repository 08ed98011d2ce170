"""Cutting hosts off: the rules' answer first, then the question to the gate, then what came of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from codered.cli.lengths import parse_length
from codered.model.errors import CodeRedError, Refused, WrongUse
from codered_hq.console.acting import STATUSES, action, page
from codered_hq.console.machines.looking_ahead import Ahead, Asked, find_means, look_ahead, sign
from codered_hq.console.machines.showing import go_to, show
from codered_hq.console.machines.telling import Told, tell_carried_out, tell_decision
from codered_hq.console.viewing import Viewer
from codered_hq.containment.acting import SHORTEST
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.asking import ask_aimed
from codered_hq.containment.goals import Wish
from codered_hq.containment.promptly import carry_out_promptly
from codered_hq.hosts.models import Host
from codered_hq.incidents.current import is_beside

MOST_HOSTS = 50
LONGEST_REASON = 2_000
CONFLICT = 409


@page
def contain(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What it would come to (?host=NUMBER, several times), and the form that asks for it."""
    asked = read_asked(request.GET, viewer)
    return _show(request, asked, look_ahead(asked, Surroundings(find_means().config), viewer))


@action
def ask_containment(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Ask the gate for exactly what was shown; what it allows is carried out, at once if it is small."""
    viewer.demand_team()
    asked = read_asked(request.POST, viewer)
    ahead = look_ahead(asked, Surroundings(find_means().config), viewer)
    if request.POST.get("seen", "") != sign(ahead):
        problem: CodeRedError = WrongUse("it has changed since you looked; nothing was done", advice="look at it again")
        return _show(request, asked, ahead, {"problem": problem, "status": CONFLICT})
    if not asked.wish.reason:
        problem = WrongUse("why?", advice="say it in a sentence: it is for people and the ledger")
        return _show(request, asked, ahead, {"problem": problem, "status": STATUSES[WrongUse]})
    if not any(each.askable for each in ahead):
        problem = Refused("nothing can be asked for; nothing was done", advice="each host says why")
        return _show(request, asked, ahead, {"problem": problem, "status": STATUSES[Refused]})
    told = [_ask(each, asked, viewer) for each in ahead if each.askable]
    for each in told:
        messages.add_message(request, each.level, each.text)
    if len(told) == 1:
        return go_to(told[0].address or reverse("host", args=[ahead[0].host.pk]))
    return go_to(reverse("containments"))


def read_asked(given: QueryDict, viewer: Viewer) -> Asked:
    """What is asked for. Raises WrongUse for hosts that are not there, and lengths that are none."""
    texts = [text for text in given.getlist("host") if text.isascii() and text.isdecimal() and len(text) < 12]
    hosts = Host.objects.filter(pk__in=[int(text) for text in texts[: MOST_HOSTS + 1]]).order_by("label", "pk")
    if not hosts:
        raise WrongUse("no host is named", where="contain", advice="choose some in the list of hosts")
    if len(hosts) > MOST_HOSTS:
        raise WrongUse(f"at most {MOST_HOSTS} hosts at once", where="contain", advice="cut off their VLAN or subnet")
    length = given.get("length", "").strip()
    seconds = round(parse_length(length, "length")) if length else 0
    if length and seconds < SHORTEST:
        raise WrongUse(f"is too short: at least {SHORTEST}s", where=f"length {length}", advice="leave it out")
    incident = viewer.incident if viewer.incident and viewer.incident.closed_at is None else None
    wish = Wish(
        seconds=seconds, reason=given.get("reason", "").strip()[:LONGEST_REASON],
        incident=incident.name if incident else "", drill=bool(incident and is_beside(incident)),
    )  # fmt: skip
    return Asked(tuple(hosts), given.get("quarantine") == "yes", wish)


def _ask(each: Ahead, asked: Asked, viewer: Viewer) -> Told:
    """One host: what the gate decided, or what became of it."""
    assert each.aim is not None
    decision = ask_aimed(each.goal, each.aim, asked.wish, viewer.speaker, viewer.at).decision
    if decision.state != "allowed":
        return tell_decision(decision, each.host.label, viewer.at)
    try:
        done = carry_out_promptly(decision, find_means(), viewer.at)
    except CodeRedError as error:
        return Told.failed(f"{each.host.label}: {error}")
    return tell_carried_out(done, each.host.label)


def _show(request: HttpRequest, asked: Asked, ahead: list[Ahead], more: dict[str, Any] | None = None) -> HttpResponse:
    given = request.GET if request.method == "GET" else request.POST
    context = {
        "asked": asked, "ahead": ahead, "seen": sign(ahead), "length": given.get("length", ""),
        "possible": [each for each in ahead if each.askable],
    }  # fmt: skip
    more = more or {}
    return show(request, "contain.html", context | more, more.get("status", 200))
