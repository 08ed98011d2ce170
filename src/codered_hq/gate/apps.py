"""Django's entry for the app."""

from django.apps import AppConfig


class Gate(AppConfig):
    """The app `gate`."""

    name = "codered_hq.gate"
    label = "gate"
    default_auto_field = "django.db.models.BigAutoField"
