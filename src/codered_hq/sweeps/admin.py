"""Sweeps in Django's own admin."""

from django.contrib import admin

from codered_hq.sweeps.models import Bundle, Sweep, SweptAddress

admin.site.register(Bundle)


@admin.register(Sweep)
class SweepAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Sweeps by time."""

    list_display = ("uid", "state", "started", "ended", "authorisation", "point", "bundle")
    list_filter = ("state", "point")
    exclude = ("job", "permit")


@admin.register(SweptAddress)
class SweptAddressAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What answered, by address and state."""

    list_display = ("address", "state", "reason", "host", "sweep", "at")
    list_filter = ("state",)
    search_fields = ("address",)
    list_select_related = ("host", "sweep")
