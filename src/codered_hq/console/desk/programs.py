"""Tokens and agents' keys: what programs speak to the console with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.model.errors import WrongUse
from codered_hq.accounts.agents import add_agent, revoke_agent
from codered_hq.accounts.models import AgentKey, Token
from codered_hq.accounts.scopes import SCOPES, make_token, revoke_token
from codered_hq.console.desk.administering import desk_action, desk_page, go_on
from codered_hq.console.viewing import Viewer

MOST = 200
LONGEST_DAYS = 4


@desk_page
def show_programs(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All tokens and keys, the newest first."""
    return _show(request, viewer)


@desk_action
def add_token(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A token; its secret is shown once."""
    days = request.POST.get("days", "90")
    if not (days.isascii() and days.isdecimal() and len(days) <= LONGEST_DAYS):
        raise WrongUse("is no number of days", where=days[:32], advice="write 1 to 366")
    scopes = request.POST.getlist("scope")
    token, secret = make_token(request.POST.get("name", ""), scopes, viewer.speaker, viewer.at, int(days))
    return _show(request, viewer, token, secret)


@desk_action
def end_token(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """It opens nothing any more."""
    token = revoke_token(request.POST.get("name", ""), viewer.speaker, viewer.at)
    return go_on(request, "desk_programs", f"Token {token.name} is revoked. There is no way back: make a new one.")


@desk_action
def enter_agent(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """An agent may post."""
    name, key, collector = (request.POST.get(field, "") for field in ("name", "public_key", "collector"))
    agent = add_agent(name, key, viewer.speaker, viewer.at, collector=collector == "on")
    return go_on(request, "desk_programs", f"Agent {agent.name} may post.")


@desk_action
def end_agent(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Nothing of it is taken any more."""
    agent = revoke_agent(request.POST.get("name", ""), viewer.speaker, viewer.at)
    return go_on(
        request, "desk_programs", f"The key of {agent.name} is revoked. There is no way back: enter a new key."
    )


def _show(request: HttpRequest, viewer: Viewer, token: Token | None = None, secret: str = "") -> HttpResponse:
    found = {
        "tokens": Token.objects.order_by("-pk")[:MOST],
        "agents": AgentKey.objects.order_by("-pk")[:MOST],
        "scopes": SCOPES,
        "made": token,
        "secret": secret,
        "at": viewer.at,
    }
    response = render(request, "console/desk/programs.html", found)
    response["Cache-Control"] = "no-store"
    return response
