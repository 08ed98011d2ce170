"""Django's entry for the app."""

from django.apps import AppConfig


class Drills(AppConfig):
    """The app `drills`."""

    name = "codered_hq.drills"
    label = "drills"
    default_auto_field = "django.db.models.BigAutoField"
