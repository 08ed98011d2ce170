"""The page of an invitation: user name and password, then straight to the second factor."""

from datetime import UTC, datetime

from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.ratelimit import consume, respond_429
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered_hq.accounts.inviting import find_invite
from codered_hq.accounts.joining import LONGEST_PASSWORD, Joining, join
from codered_hq.accounts.models import Invite
from codered_hq.console.acting import show_problem
from codered_hq.incidents.people import LONGEST_NAME

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TRIES = {"join": "20/m/ip"}


class JoinForm(forms.Form):
    """What somebody says who takes an invitation. Only what the invitation leaves open is asked."""

    name = forms.CharField(label="Your name, as the team calls you", max_length=LONGEST_NAME)
    username = forms.CharField(
        label="User name", max_length=64, help_text="What you sign in with: small letters, digits, dots, dashes.",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )  # fmt: skip
    password = forms.CharField(
        label="Password", max_length=LONGEST_PASSWORD, strip=False, help_text="12 signs or more; a sentence is best.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label="The password again", max_length=LONGEST_PASSWORD, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, found: Invite, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict, or None
        if found.person is not None or found.name or found.account is not None:
            del self.fields["name"]
        if found.account is not None:
            del self.fields["username"]

    def clean(self) -> dict[str, object]:
        """Both passwords are one."""
        said = self.cleaned_data
        if said.get("password") and said.get("again") and said["password"] != said["again"]:
            self.add_error("again", "The two passwords are not the same.")
        return said


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def show_invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The form, and the account. The link is in no Referer that leaves this page."""
    response = _answer(request, secret)
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: HttpRequest, secret: str) -> HttpResponse:
    at = datetime.now(UTC)
    if not consume(request, app="codered", action="join", config=TRIES, limit_get=True):
        limited: HttpResponse = respond_429(request)
        return limited
    try:
        found = find_invite(secret, at)
    except Refused as error:
        return show_problem(request, error)
    form = JoinForm(found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            account = join(secret, Joining(said.get("username", ""), said["password"], said.get("name", "")), at)
        except WrongUse as error:
            form.add_error(_find_field(form, error), str(error.what))
        except CodeRedError as error:
            return show_problem(request, error)
        else:
            login(request, account.user, backend=BACKEND)
            record_authentication(request, account.user, "password", reauthenticated=True)
            UserSession.objects.create_from_request(request)  # it is listed, and can be ended, as any other
            return redirect("mfa_index")
    return render(request, "console/desk/join.html", {"form": form, "invite": found})


def _find_field(form: JoinForm, error: WrongUse) -> str | None:
    if error.where == "password":
        return "password"
    if "user name" in error.what and "username" in form.fields:
        return "username"
    return "name" if "name" in form.fields else None
