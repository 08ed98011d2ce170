"""Django's entry for the app."""

from django.apps import AppConfig


class Hosts(AppConfig):
    """The app `hosts`."""

    name = "codered_hq.hosts"
    label = "hosts"
    default_auto_field = "django.db.models.BigAutoField"
