"""The inventory. A host is its identity over time: what it is known by, and since when, is kept with the source."""

from typing import ClassVar

from django.db import models

TEXT = 255
CRITICALITIES = [("low", "low"), ("normal", "normal"), ("high", "high"), ("vital", "vital")]
HOST_STATES = [
    (state, state)
    for state in ("unknown", "suspect", "infected", "contained", "cleaned", "verified", "watch", "closed")
]
ADDRESS_DIGITS = 32
"""An address as a number in hexadecimal, IPv4 as ::ffff:0:0/96, so that databases compare both kinds as text."""


class Owner(models.Model):
    """Who answers for hosts."""

    name = models.CharField(max_length=TEXT, unique=True)
    mail = models.CharField(max_length=TEXT, blank=True)
    phone = models.CharField(max_length=TEXT, blank=True)
    department = models.CharField(max_length=TEXT, blank=True)

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word that hosts and subnets are marked with."""

    name = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """A part of the network that is reached in its own way. `blocked`: what keeps headquarters out, as documented."""

    name = models.CharField(max_length=TEXT, unique=True)
    kind = models.CharField(max_length=16, choices=[("open", "open"), ("protected", "protected"), ("lab", "lab")])
    blocked = models.CharField(max_length=TEXT, blank=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class ScanPoint(models.Model):
    """A machine that sweeps for us from inside a zone."""

    name = models.CharField(max_length=TEXT, unique=True)
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="scan_points")
    engine = models.CharField(max_length=16, default="salt")
    minion = models.CharField(max_length=TEXT, blank=True)
    address = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Subnet(models.Model):
    """A range of addresses. `documented` is False for one that was only seen (in routes, leases, reports). `said`: what
    each source last said of it (source -> vlan, site, zone, owner, at), where they may contradict each other.
    """

    range = models.CharField(max_length=64, unique=True)
    first = models.CharField(max_length=ADDRESS_DIGITS, db_index=True)
    last = models.CharField(max_length=ADDRESS_DIGITS)
    name = models.CharField(max_length=TEXT, blank=True)
    vlan = models.PositiveIntegerField(default=0)
    vlan_name = models.CharField(max_length=TEXT, blank=True)
    site = models.CharField(max_length=TEXT, blank=True)
    zone = models.ForeignKey(Zone, null=True, blank=True, on_delete=models.SET_NULL, related_name="subnets")
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.SET_NULL)
    criticality = models.CharField(max_length=16, choices=CRITICALITIES, blank=True)
    tags = models.ManyToManyField(Tag, blank=True)
    note = models.TextField(blank=True)
    documented = models.BooleanField(default=True)
    said = models.JSONField(default=dict)
    source = models.CharField(max_length=TEXT, blank=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["first", "last"]

    def __str__(self) -> str:
        return self.range


class Host(models.Model):
    """A machine. `label` is what people call it; all it is known by stands in its identifiers."""

    label = models.CharField(max_length=TEXT, db_index=True)
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.SET_NULL, related_name="hosts")
    site = models.CharField(max_length=TEXT, blank=True)
    criticality = models.CharField(max_length=16, choices=CRITICALITIES, default="normal")
    tags = models.ManyToManyField(Tag, blank=True, related_name="hosts")
    system = models.CharField(max_length=TEXT, blank=True)
    product = models.CharField(max_length=TEXT, blank=True)
    engine = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16, choices=HOST_STATES, default="unknown", db_index=True)
    state_since = models.DateTimeField(null=True, blank=True)
    suspected_at = models.JSONField(default=list, blank=True)  # addresses at which it looked infected from outside
    note = models.TextField(blank=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.label


class Identifier(models.Model):
    """What a host is known by: (kind, value) from a source, first and last seen. `shared`: several hosts have it at
    once (virtual machines with one MAC, two hosts of one name), so it proves nothing.
    """

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=16)  # agent_key, machine_id, serial, minion, mac, name, netbios
    value = models.CharField(max_length=TEXT)
    shared = models.BooleanField(default=False)
    source = models.CharField(max_length=TEXT)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["host", "kind", "value"], name="one_identifier_a_host"),
            models.UniqueConstraint(
                fields=["kind", "value"], condition=models.Q(kind="agent_key"), name="one_host_a_key"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "value"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class AddressUse(models.Model):
    """A host had this address from first to last seen. `current` until another host is seen with it, or the host
    elsewhere on the same card, or its lease ends (`until`).
    """

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="addresses")
    address = models.CharField(max_length=64)
    number = models.CharField(max_length=ADDRESS_DIGITS, db_index=True)
    mac = models.CharField(max_length=17, blank=True)
    source = models.CharField(max_length=TEXT)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    current = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["host", "address"], name="one_use_a_host")]
        indexes: ClassVar = [models.Index(fields=["number", "current"])]

    def __str__(self) -> str:
        return self.address


class Claim(models.Model):
    """What one source says of a host, where sources may contradict each other: kept side by side with its age."""

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="claims")
    kind = models.CharField(max_length=16)  # owner, site, criticality, system, product, admin, "mac told" …
    value = models.CharField(max_length=TEXT)
    source = models.CharField(max_length=TEXT)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["host", "kind", "value", "source"], name="one_claim_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value} ({self.source})"


class Place(models.Model):
    """Where a MAC was plugged in, as a switch told, from first to last seen."""

    host = models.ForeignKey(Host, null=True, blank=True, on_delete=models.SET_NULL, related_name="places")
    mac = models.CharField(max_length=17, db_index=True)
    switch = models.CharField(max_length=TEXT)
    switch_address = models.CharField(max_length=64, blank=True)
    port = models.CharField(max_length=TEXT)
    description = models.CharField(max_length=TEXT, blank=True)
    vlan = models.PositiveIntegerField(default=0)
    macs = models.PositiveIntegerField(default=1)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mac", "switch", "port", "vlan"], name="one_place_a_port"),
        ]

    def __str__(self) -> str:
        return f"{self.switch} {self.port}"


class ImportRun(models.Model):
    """One reading of a source: what was taken, and what was not and why."""

    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=TEXT)
    sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    counts = models.JSONField(default=dict)
    skipped = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
