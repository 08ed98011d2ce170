"""The rules in force, what they decided, who approved it, and what was reserved under their caps."""

from typing import ClassVar

from django.db import models

from codered_hq.hosts.models import TEXT
from codered_hq.incidents.models import Person


class RulesInForce(models.Model):
    """Rules of engagement that were put in force: `document` as it was signed. The newest without `until` holds."""

    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    document = models.BinaryField()
    signer = models.CharField(max_length=64)  # name of the key
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    put_by = models.CharField(max_length=TEXT)

    def __str__(self) -> str:
        return f"version {self.version}"


class Decision(models.Model):
    """What the rules answered to one request, with all they were given. `state`: allowed, awaiting, refused, vetoed,
    expired, void (the rules or the target changed), taken (it was used: once). `target_set` is the SHA-256 over kind,
    target and every machine in it; `order` is what carries it out.
    """

    uid = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=32, db_index=True)
    target = models.CharField(max_length=TEXT)
    target_set = models.CharField(max_length=64, db_index=True)
    request = models.JSONField()
    order = models.JSONField(default=dict)
    incident = models.CharField(max_length=64, blank=True, db_index=True)
    drill = models.BooleanField(default=False)
    requested_by = models.CharField(max_length=TEXT)
    requester = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="requests")
    reason = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)
    rules_version = models.PositiveIntegerField(default=0)
    rules_digest = models.CharField(max_length=64, blank=True)
    answer = models.CharField(max_length=8)
    rule = models.CharField(max_length=64)
    why = models.TextField()
    needs = models.JSONField(default=list)
    undo_after = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=16, db_index=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    broke_glass = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.target}: {self.state}"


class Vote(models.Model):
    """One person's yes or no to one decision, once. `key` and `signature` if he signed it; `session` if a session of
    the console proved him.
    """

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="votes")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="votes")
    yes = models.BooleanField()
    why = models.TextField(blank=True)
    at = models.DateTimeField()
    key = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128, blank=True)
    session = models.CharField(max_length=TEXT, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["decision", "person"], name="one_vote_a_person")]

    def __str__(self) -> str:
        return f"{self.person_id}: {'yes' if self.yes else 'no'}"


class Reservation(models.Model):
    """A machine counted under the caps, from the moment the action was allowed. `released`: nothing was changed after
    all.
    """

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="reservations")
    kind = models.CharField(max_length=32)
    machine = models.CharField(max_length=TEXT)  # "#12", or the address or MAC of one that nobody knows
    at = models.DateTimeField(db_index=True)
    released = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.machine}"


class GateLock(models.Model):
    """One row that every transaction of the gate locks first: caps are counted by one at a time."""

    number = models.PositiveSmallIntegerField(unique=True)

    def __str__(self) -> str:
        return "the gate"
