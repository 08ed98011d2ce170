"""Django's entry for the app."""

from django.apps import AppConfig


class Sweeps(AppConfig):
    """The app `sweeps`."""

    name = "codered_hq.sweeps"
    label = "sweeps"
    default_auto_field = "django.db.models.BigAutoField"
