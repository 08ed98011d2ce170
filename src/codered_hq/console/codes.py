"""Codes of authenticator apps: each opens once, as long as it is valid. allauth remembers one for half a minute; with
the tolerance for clocks that are off it would be valid for longer.
"""

import hashlib

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.utils import decrypt
from django.core.cache import cache

_TAKEN = "codered.accounts.code."


def take_code(secret: str, code: str) -> bool:
    """Whether this code of the app with this secret is used for the first time; from now on it is not."""
    digest = hashlib.sha256(f"{secret} {normalize_user_code(code)}".encode()).hexdigest()
    valid = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    return bool(cache.add(_TAKEN + digest, 1, timeout=valid))


def _check(authenticator: Authenticator, code: str) -> None:
    if authenticator.type != Authenticator.Type.TOTP:
        return
    if not take_code(decrypt(authenticator.data["secret"]), code):
        raise get_adapter().validation_error("code_used")


class CodeForm(AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The second step of signing in."""

    def clean_code(self) -> str:
        """Raises a ValidationError of Django."""
        code: str = super().clean_code()
        _check(self.authenticator, code)
        return code


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Before something that changes how one signs in."""

    def clean_code(self) -> str:
        """Raises a ValidationError of Django."""
        code: str = super().clean_code()
        _check(self.authenticator, code)
        return code


class AppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """The first code of an app."""

    def clean_code(self) -> str:
        """Raises a ValidationError of Django."""
        code: str = super().clean_code()
        if not take_code(self.secret, code):
            raise get_adapter().validation_error("code_used")
        return code
