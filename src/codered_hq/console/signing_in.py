"""How allauth signs people in here: no accounts but by invitation, no mails, never without a second factor."""

from typing import Any

import qrcode  # type: ignore[import-untyped]
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.http import HttpRequest

from codered_hq.accounts.joining import LONGEST_PASSWORD
from codered_hq.accounts.managing import FACTORS

SIDE = 100.0


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come from invitations alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth names it
        """Never."""
        return False

    def clean_password(self, password: str, user: User | None = None) -> str:
        """The password as it is. Raises a ValidationError of Django."""
        if len(password) > LONGEST_PASSWORD:
            raise self.validation_error("password_too_long")
        cleaned: str = super().clean_password(password, user)
        return cleaned

    error_messages = DefaultAccountAdapter.error_messages | {
        "password_too_long": f"This password is longer than {LONGEST_PASSWORD} signs.",
        "username_password_mismatch": "The user name or the password is not right.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing: the console sends no mail about accounts."""


class Factors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "code_used": "This code was used already: wait for the next one.",
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def build_totp_svg(self, url: str) -> str:
        """The path of a QR code within 100 by 100: our page draws it, as it lets no picture in from elsewhere."""
        code = qrcode.QRCode(border=4)
        code.add_data(url)
        code.make(fit=True)
        rows = code.get_matrix()
        step = SIDE / len(rows)
        return "".join(
            f"M{x * step:.3f} {y * step:.3f}h{step:.3f}v{step:.3f}h-{step:.3f}z"
            for y, row in enumerate(rows)
            for x, dark in enumerate(row)
            if dark
        )
