"""Django's entry for the app."""

from django.apps import AppConfig


class Containment(AppConfig):
    """The app `containment`."""

    name = "codered_hq.containment"
    label = "containment"
    default_auto_field = "django.db.models.BigAutoField"
