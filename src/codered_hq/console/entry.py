"""The console's door: whoever is signed in has an account in use, and a second factor before anything else."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.deprecation import MiddlewareMixin

from codered.model.errors import Refused
from codered_hq.accounts.following import connect
from codered_hq.accounts.leaving import end_sessions
from codered_hq.accounts.managing import has_factor
from codered_hq.accounts.models import Account
from codered_hq.console.acting import show_problem

OPEN: Final = frozenset(["health", "join", "account_login", "account_logout", "mfa_login_webauthn"])
FIRST_STEPS: Final = frozenset(
    ["mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "mfa_view_recovery_codes"]
)
"""Names of the pages that an account without a second factor may see."""


class Entry(MiddlewareMixin):
    """Looks at each request of somebody who is signed in: a disabled account, or one whose person left the team, loses
    all its sessions at once; one without a second factor gets the pages to make one, and no others;
    nobody speaks as a person whom the console does not prove.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        connect()  # where there is a door, the ledger follows what happens at it

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Where the browser has to go instead; None if it may go on."""
        if not request.user.is_authenticated:
            return None
        name = _find_name(request)
        user = request.user
        account = Account.objects.select_related("person").filter(user_id=user.pk, disabled_at=None).first()
        if account is None or (account.person is not None and not account.person.active):
            end_sessions(user)
            logout(request)
            if name in OPEN:
                return None
            messages.error(request, "This account may not be used any more. Ask an administrator of the console.")
            return redirect("account_login")
        if name in OPEN or name in FIRST_STEPS:
            return None
        if not has_factor(user):
            return redirect("mfa_index")
        if account.person is not None and account.person.console_since is None:
            what = "the console does not prove you: who invited you may not appoint any more"
            refused = Refused(what, where=account.person.name, advice="ask for a new link: codered account reset")
            return show_problem(request, refused)
        return None


def may_enter(account: Account) -> bool:
    """Whether this account still has what the door asks for, as it is now."""
    person = account.person
    proved = person is None or (person.active and person.console_since is not None)
    return account.disabled_at is None and proved and has_factor(account.user)


def _find_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
