"""Providers of identities (OpenID Connect): they open accounts that were joined to them by their owners, no others."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest


class Providers(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Whoever a provider knows and the console does not, stays outside."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - allauth's
        """Never."""
        return False
