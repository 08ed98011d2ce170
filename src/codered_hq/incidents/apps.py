"""Django's entry for the app."""

from django.apps import AppConfig


class Incidents(AppConfig):
    """The app `incidents`."""

    name = "codered_hq.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
