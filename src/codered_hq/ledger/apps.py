"""Django's entry for the app."""

from django.apps import AppConfig


class Ledger(AppConfig):
    """The app `ledger`."""

    name = "codered_hq.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
