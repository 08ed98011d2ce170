"""One's own account: factors, sessions, password."""

from allauth.account import views as account
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from codered.model.errors import Refused
from codered_hq.accounts.managing import FACTORS
from codered_hq.console.acting import page, show_problem
from codered_hq.console.viewing import Viewer


@page
def show_account(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Who one is here, and how one proves it."""
    user = viewer.account.user
    found = {
        "factors": Authenticator.objects.filter(user=user, type__in=FACTORS),
        "sessions": len(UserSession.objects.purge_and_list(user)),
        "providers": find_providers(),
        "codes": Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).exists(),
    }
    return render(request, "console/desk/own.html", found)


def find_providers() -> list[dict[str, str]]:
    """The providers of identities that headquarters.toml names, and where each of them opens the door."""
    offered = getattr(settings, "SOCIALACCOUNT_PROVIDERS", {}).get("openid_connect", {"APPS": []})["APPS"]
    return [{"name": app["name"], "url": f"/account/oidc/{app['provider_id']}/login/"} for app in offered]


def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Allauth's page for it, but for the last second factor."""
    if request.user.is_authenticated:
        raise_if_reauthentication_required(request, app="allauth.mfa")
        get_object_or_404(Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN)
        if Authenticator.objects.filter(user=request.user, type__in=FACTORS).count() == 1:
            refused = Refused("the last second factor can't be removed", advice="add another one first")
            return show_problem(request, refused)
    response: HttpResponse = passkeys.remove_webauthn(request, pk=pk)
    return response


def change_password(request: HttpRequest) -> HttpResponse:
    """Allauth's page for it, but for an account without a password: that takes one by a link."""
    if request.user.is_authenticated and not request.user.has_usable_password():
        advice = "ask an administrator or who leads the team for a new link"
        return show_problem(request, Refused("this account has no password that could be changed", advice=advice))
    response: HttpResponse = account.password_change(request)
    return response


def sign_out(request: HttpRequest) -> HttpResponse:
    """Allauth's page for it; what was typed and not sent leaves the browser, too."""
    response: HttpResponse = account.logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response
