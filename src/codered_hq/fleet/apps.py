"""Django's entry for the app."""

from django.apps import AppConfig


class Fleet(AppConfig):
    """The app `fleet`."""

    name = "codered_hq.fleet"
    label = "fleet"
    default_auto_field = "django.db.models.BigAutoField"
