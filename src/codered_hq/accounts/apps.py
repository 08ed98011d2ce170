"""Django's entry for the app."""

from django.apps import AppConfig, apps


class Accounts(AppConfig):
    """The app `accounts`."""

    name = "codered_hq.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow what happens at the door, where there is one: words of headquarters have none."""
        if apps.is_installed("allauth.mfa"):
            from codered_hq.accounts.following import connect

            connect()
