"""Accounts and their sessions: inviting, giving new proofs, disabling, signing out."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.auditing import note
from codered_hq.accounts.inviting import invite
from codered_hq.accounts.managing import FACTORS, disable, reset
from codered_hq.accounts.models import Account, Invite
from codered_hq.console.acting import STATUSES
from codered_hq.console.desk.administering import Changed, desk_action, desk_page, go_on
from codered_hq.console.viewing import Viewer
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import find_person

PAGE = 50
MOST = 200


@desk_page
def show_accounts(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All accounts, open invitations, and the form to invite."""
    return _show(request, viewer)


@desk_action
def invite_somebody(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A link, shown once."""
    chosen, name = request.POST.get("person", ""), request.POST.get("name", "").strip()
    administrator = request.POST.get("administrator") == "on"
    try:
        if bool(chosen) == bool(name):
            raise WrongUse("choose a person of the team, or give the name of somebody else")
        guest = find_person(chosen) if chosen else name
        path = invite(guest, administrator, viewer.speaker, viewer.at)
    except (Refused, WrongUse) as error:
        typed = {"person": chosen, "name": name, "administrator": administrator}
        return _show(request, viewer, typed=typed, problem=error, field="name" if name else "person")
    return _show(request, viewer, link=request.build_absolute_uri(path), whom=str(guest))


@desk_action
def disable_account(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Signed out everywhere, and for good until invited again."""
    account = _find(request, pk)
    disable(account, viewer.speaker, viewer.at)
    return go_on(request, "desk_accounts", f"{account} is disabled and signed out. Inviting again gives it back.")


@desk_action
def reset_account(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """New password and factors by a new link; the old ones end."""
    account = _find(request, pk)
    path = reset(account, viewer.speaker, viewer.at)
    return _show(request, viewer, link=request.build_absolute_uri(path), whom=str(account))


@desk_page
def show_sessions(request: HttpRequest, viewer: Viewer) -> HttpResponse:  # noqa: ARG001 - each view takes him
    """Who is signed in, from where."""
    rows = UserSession.objects.select_related("user").order_by("-created_at", "-pk")
    found = {"page": Paginator(rows, PAGE).get_page(request.GET.get("page"))}
    return render(request, "console/desk/sessions.html", found)


@desk_action
def end_session(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Sign one browser out."""
    session = UserSession.objects.select_related("user").filter(pk=pk).first()
    if session is None:
        raise Changed("this session has ended already", advice="look at the list again")
    session.end()
    what = f"{viewer.name} ended a session of {session.user}"
    note("session-ended", viewer.name, what, viewer.at, username=str(session.user))
    return go_on(request, "desk_sessions", "The session has ended.")


def describe_state(account: Account) -> str:
    """What a page carries of an account, so that what was done since is not done over: whether it is in use, and the
    number of its newest link.
    """
    newest = Invite.objects.filter(account=account).order_by("-pk").values_list("pk", flat=True).first()
    return f"{'disabled' if account.disabled_at else 'in use'} {newest or 0}"


def _find(request: HttpRequest, pk: int) -> Account:
    account = get_object_or_404(Account.objects.select_related("user", "person"), pk=pk)
    seen = describe_state(account)
    if request.POST.get("seen", "") != seen:
        state = "disabled" if account.disabled_at else "in use, and may have a new link"
        raise Changed(f"changed since you looked: it is {state}", where=str(account), advice="look at the list again")
    return account


def _show(request: HttpRequest, viewer: Viewer, **told: Any) -> HttpResponse:
    """The page. `told`: link and whom (shown once), or typed, problem and field of the form that was not taken."""
    factor = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
    rows = Account.objects.select_related("user", "person").annotate(factor=Exists(factor)).order_by("user__username")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    with_account = Account.objects.filter(disabled_at=None, person=OuterRef("pk"))
    waiting = Invite.objects.filter(used_at=None, expires_at__gt=viewer.at).select_related("person", "account")
    found = {
        "page": page,
        "rows": [(each, describe_state(each)) for each in page],
        "people": Person.objects.filter(~Exists(with_account), active=True).order_by("name"),
        "invites": waiting.order_by("-pk")[:MOST],
        "waiting": waiting.count(),
    }
    status = STATUSES[type(told["problem"])] if "problem" in told else 200
    response = render(request, "console/desk/accounts.html", found | told, status=status)
    response["Cache-Control"] = "no-store"
    return response
