"""Django's entry for the app."""

from importlib import import_module

from django.apps import AppConfig


class Fleet(AppConfig):
    """The app `fleet`."""

    name = "codered_hq.fleet"
    label = "fleet"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have cases hear of the infections that sweeps see. By name: models may be imported from here on only."""
        import_module("codered_hq.fleet.cases")
