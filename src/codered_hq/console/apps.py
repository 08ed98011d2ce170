"""Django's entry for the app."""

from django.apps import AppConfig


class Console(AppConfig):
    """The app `console`: pages, no tables."""

    name = "codered_hq.console"
    label = "console"
