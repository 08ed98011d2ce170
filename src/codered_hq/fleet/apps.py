"""Django's entry for the app."""

from django.apps import AppConfig


class Fleet(AppConfig):
    """The app `fleet`."""

    name = "codered_hq.fleet"
    label = "fleet"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of the infections that sweeps see: they lie below, and know nothing of cases."""
        from codered_hq.fleet.cases import suspect_host
        from codered_hq.sweeps.recording import infection_seen

        infection_seen.connect(suspect_host, dispatch_uid="fleet: suspect_host")
