"""The inventory in Django's own admin."""

from django.contrib import admin

from codered_hq.hosts.models import (
    AddressUse,
    Claim,
    Host,
    Identifier,
    ImportRun,
    Owner,
    Place,
    ScanPoint,
    Subnet,
    Tag,
    Zone,
)

for model in (AddressUse, Claim, Identifier, ImportRun, Owner, Place, ScanPoint, Tag, Zone):
    admin.site.register(model)


@admin.register(Host)
class HostAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Hosts by name, owner and state."""

    list_display = ("label", "owner", "site", "criticality", "state", "last_seen")
    list_filter = ("state", "criticality", "site", "tags")
    search_fields = ("label", "identifiers__value", "addresses__address")
    list_select_related = ("owner",)


@admin.register(Subnet)
class SubnetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Subnets by range."""

    list_display = ("range", "name", "vlan", "site", "zone", "owner", "documented")
    list_filter = ("documented", "zone", "site")
    search_fields = ("range", "name")
