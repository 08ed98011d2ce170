"""Entering in the ledger what happens at the console's door, and making a new second factor count."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from codered.model.errors import Refused
from codered_hq.accounts.auditing import note, note_failure
from codered_hq.accounts.joining import prove_person
from codered_hq.accounts.managing import FACTORS, has_factor
from codered_hq.accounts.models import Account
from codered_hq.incidents.people import GUEST

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialAccount, SocialLogin


def connect() -> None:
    """From now on follow them; said twice, once."""
    for signal, receiver in (
        (user_logged_in, _enter_sign_in), (user_logged_out, _enter_sign_out), (user_login_failed, _enter_failure),
        (authentication_failed, _enter_wrong_code), (authenticator_added, _enter_factor),
        (authenticator_removed, _enter_removed), (authenticator_reset, _enter_codes),
        (password_changed, _enter_password),
        (social_account_added, _enter_joined), (social_account_removed, _enter_parted),
    ):  # fmt: skip
        signal.connect(receiver, dispatch_uid=f"codered.accounts.{receiver.__name__}")


def find_name(user: User | None) -> str:
    """What people call who signs in; who is not in the team can't be taken for somebody who is."""
    if user is None:
        return ""
    account = Account.objects.select_related("person").filter(user=user).first()
    return account.person.name if account and account.person else f"{GUEST}{user.get_username()}"


def _enter_sign_in(user: User, request: HttpRequest | None = None, **_more: object) -> None:
    note("signed-in", find_name(user), f"{find_name(user)} signed in", datetime.now(UTC), address=_address(request))


def _enter_sign_out(user: User | None, **_more: object) -> None:
    if name := find_name(user):
        note("signed-out", name, f"{name} signed out", datetime.now(UTC))


def _enter_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_more: object) -> None:
    note_failure(str(credentials.get("username", "")), "password", _address(request), datetime.now(UTC))


def _enter_wrong_code(user: User, request: HttpRequest | None = None, **_more: object) -> None:
    note_failure(user.get_username(), "second factor", _address(request), datetime.now(UTC))


def _enter_factor(user: User, authenticator: Authenticator, **_more: object) -> None:
    at, name = datetime.now(UTC), find_name(user)
    note("factor-added", name, f"{name} added a second factor: {_say(authenticator)}", at, factor=authenticator.type)
    account = Account.objects.select_related("person").filter(user=user).first()
    if account is not None and authenticator.type in FACTORS:
        try:
            prove_person(account, at)
        except Refused as error:
            note("not-proved", name, f"the console does not prove {name}: {error.what}", at)


def _enter_removed(user: User, authenticator: Authenticator, **_more: object) -> None:
    name = find_name(user)
    what = f"{name} removed {_say(authenticator)}{'' if has_factor(user) else ': no second factor is left'}"
    note("factor-removed", name, what, datetime.now(UTC), factor=authenticator.type)


def _enter_codes(user: User, **_more: object) -> None:
    note("codes-made", find_name(user), f"{find_name(user)} made new recovery codes", datetime.now(UTC))


def _enter_password(user: User, **_more: object) -> None:
    note("password-changed", find_name(user), f"{find_name(user)} changed his password", datetime.now(UTC))


def _enter_joined(sociallogin: "SocialLogin", **_more: object) -> None:
    name, provider = find_name(sociallogin.user), str(sociallogin.account.get_provider().name)
    note("provider-joined", name, f"{name} joined his account to {provider}", datetime.now(UTC), provider=provider)


def _enter_parted(socialaccount: "SocialAccount", **_more: object) -> None:
    name, provider = find_name(socialaccount.user), str(socialaccount.get_provider().name)
    note("provider-parted", name, f"{name} parted his account from {provider}", datetime.now(UTC), provider=provider)


def _say(authenticator: Authenticator) -> str:
    return {"totp": "an authenticator app", "webauthn": "a passkey"}.get(authenticator.type, "recovery codes")


def _address(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""
