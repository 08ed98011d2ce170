"""What is contained in the network, since when, until when, and how it is taken back."""

from django.db import models

from codered_hq.gate.models import Decision
from codered_hq.hosts.models import TEXT, Host


class Containment(models.Model):
    """One change on one device. `order` (model.device.ControlOrder) and `before` (ControlState) are all that its undo
    needs. `state`: begun, holding, failed (nothing is in place), undoing, undone, stuck (it can't be taken back now:
    tried again). `timer`: what undoes it when nobody does; `proof`: how it is known that the machine is cut off.
    """

    uid = models.CharField(max_length=32, unique=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="containments")
    kind = models.CharField(max_length=32, db_index=True)
    device = models.CharField(max_length=TEXT)
    port = models.CharField(max_length=TEXT, blank=True)
    vlan = models.PositiveIntegerField(default=0)
    networks = models.JSONField(default=list)
    host = models.ForeignKey(Host, null=True, blank=True, on_delete=models.SET_NULL, related_name="containments")
    mac = models.CharField(max_length=17, blank=True, db_index=True)
    incident = models.CharField(max_length=64, blank=True, db_index=True)
    order = models.JSONField()
    before = models.JSONField(default=dict)
    backup = models.BinaryField(blank=True, default=bytes)  # of the device's configuration, zstd
    backup_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, default="begun", db_index=True)
    reason = models.TextField(blank=True)
    requested_by = models.CharField(max_length=TEXT)
    begun_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True, blank=True)
    undo_at = models.DateTimeField(null=True, blank=True, db_index=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=TEXT, blank=True)  # a person, "timer of the device", "keeper", "worker"
    next_try = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=TEXT, blank=True)
    timer = models.JSONField(default=list)  # [[where, how], …]
    proof = models.CharField(max_length=TEXT, blank=True)
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followed_by")
    follow = models.BooleanField(default=True)  # a machine that shows up on another port is contained there

    def __str__(self) -> str:
        return f"{self.kind} {self.device} {self.port or self.vlan or self.networks}"
