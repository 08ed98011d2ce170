"""The gate in Django's own admin: to look at, never to change."""

from django.contrib import admin

from codered_hq.gate.models import Decision, Reservation, RulesInForce, Vote


def _nobody(*_given: object, **_named: object) -> bool:
    return False


class LookOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Nothing is added, changed or deleted past the gate."""

    has_add_permission = _nobody
    has_change_permission = _nobody
    has_delete_permission = _nobody


@admin.register(RulesInForce)
class RulesInForceAdmin(LookOnlyAdmin):
    """Rules by version."""

    list_display = ("version", "since", "until", "signer", "put_by", "digest")
    exclude = ("document",)


@admin.register(Decision)
class DecisionAdmin(LookOnlyAdmin):
    """Decisions by time."""

    list_display = ("uid", "kind", "target", "state", "rule", "requested_by", "incident", "at")
    list_filter = ("state", "kind", "drill")
    search_fields = ("uid", "target", "incident")


@admin.register(Vote)
class VoteAdmin(LookOnlyAdmin):
    """Votes by decision."""

    list_display = ("decision", "person", "yes", "at", "key")
    list_select_related = ("decision", "person")


@admin.register(Reservation)
class ReservationAdmin(LookOnlyAdmin):
    """What is counted under the caps."""

    list_display = ("kind", "machine", "at", "released", "decision")
    list_filter = ("kind", "released")
    search_fields = ("machine",)
    list_select_related = ("decision",)
