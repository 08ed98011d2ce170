"""The ledger: every decision and action, each entry chained to the one before and signed by headquarters."""

from typing import ClassVar

from django.db import models

from codered_hq.hosts.models import TEXT


class LedgerEntry(models.Model):
    """One entry. `body` is the canonical JSON that `hash` is of and `signature` signs; the other columns repeat
    parts of it to search by, and prove nothing.
    """

    seq = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=32, db_index=True)  # decision, vote, action, undo, incident, task, message …
    incident = models.CharField(max_length=TEXT, blank=True, db_index=True)
    who = models.CharField(max_length=TEXT, blank=True)
    what = models.TextField()  # one sentence for people
    body = models.TextField()
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)

    class Meta:
        ordering: ClassVar = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}: {self.what}"
