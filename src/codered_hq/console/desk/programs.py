"""Tokens and agents' keys: what programs speak to the console with."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.agents import add_agent, revoke_agent
from codered_hq.accounts.models import AgentKey, Token
from codered_hq.accounts.numbers import find_agent
from codered_hq.accounts.scopes import SCOPES, find_tokens, make_token, revoke_token
from codered_hq.console.acting import STATUSES
from codered_hq.console.desk.administering import Changed, desk_action, desk_page, go_on
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.people import LONGEST_NAME

MOST = 200
LONGEST_DAYS = 4


@desk_page
def show_programs(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All tokens and keys, the newest first."""
    return _show(request, viewer)


@desk_action
def add_token(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A token; its secret is shown once."""
    name, days, scopes = request.POST.get("name", ""), request.POST.get("days", ""), request.POST.getlist("scope")
    try:
        if not (days.isascii() and days.isdecimal() and len(days) <= LONGEST_DAYS):
            raise WrongUse("is no number of days", where=days[:32], advice="write 1 to 366")
        token, secret = make_token(name, scopes, viewer.speaker, viewer.at, int(days))
    except (Refused, WrongUse) as error:
        typed = {"name": name, "days": days, "scopes": scopes}
        return _show(request, viewer, token=typed, token_problem=error, token_field=_find_field(error))
    return _show(request, viewer, made=token, secret=secret)


@desk_action
def end_token(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """It opens nothing any more."""
    name = request.POST.get("name", "")
    if not find_tokens(viewer.at).filter(name=name).exists():
        raise Changed("no token of this name is in use any more", where=name[:LONGEST_NAME], advice="look again")
    token = revoke_token(name, viewer.speaker, viewer.at)
    return go_on(request, "desk_programs", f"Token {token.name} is revoked. There is no way back: make a new one.")


@desk_action
def enter_agent(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """An agent may post."""
    name, key = request.POST.get("name", ""), request.POST.get("public_key", "")
    collector = request.POST.get("collector") == "on"
    try:
        agent = add_agent(name, key, viewer.speaker, viewer.at, collector=collector)
    except (Refused, WrongUse) as error:
        typed = {"name": name, "public_key": key, "collector": collector}
        field = "key" if "key" in error.what else "name"
        return _show(request, viewer, agent=typed, agent_problem=error, agent_field=field)
    return go_on(request, "desk_programs", f"Agent {agent.name} may post.")


@desk_action
def end_agent(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Nothing of it is taken any more."""
    name = request.POST.get("name", "")
    if find_agent(name) is None:
        raise Changed("no agent of this name is in use any more", where=name[:LONGEST_NAME], advice="look again")
    agent = revoke_agent(name, viewer.speaker, viewer.at)
    return go_on(
        request, "desk_programs", f"The key of {agent.name} is revoked. There is no way back: enter a new key."
    )


def _find_field(error: Refused | WrongUse) -> str:
    """Which field of the token's form an error is about."""
    if "scope" in error.what:
        return "scope"
    return "days" if "days" in error.what else "name"


def _show(request: HttpRequest, viewer: Viewer, **told: Any) -> HttpResponse:
    """The page. `told`: the token that was made and its secret, or what was typed, the problem, and at which field."""
    found = {
        "tokens": Token.objects.order_by("-pk")[:MOST],
        "all_tokens": Token.objects.count(),
        "agents": AgentKey.objects.select_related("account", "person").order_by("-pk")[:MOST],
        "all_agents": AgentKey.objects.count(),
        "scopes": SCOPES,
        "token": {"days": "90", "scopes": []},
        "at": viewer.at,
    }
    problem = told.get("token_problem") or told.get("agent_problem")
    status = STATUSES[type(problem)] if problem else 200
    response = render(request, "console/desk/programs.html", found | told, status=status)
    response["Cache-Control"] = "no-store"
    return response
