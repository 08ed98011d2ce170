"""Django's entry for the app."""

from django.apps import AppConfig


class Accounts(AppConfig):
    """The app `accounts`."""

    name = "codered_hq.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
