"""Sweeps as they are kept: the job, blocks of states, and a row for each address that answered."""

from typing import ClassVar

from django.db import models

from codered_hq.hosts.models import ADDRESS_DIGITS, TEXT, Host, ScanPoint


class Sweep(models.Model):
    """One sweep. `job` is its SweepJob (JSON bytes), so that it can go on; `point` and `bundle` say who makes it if it
    is not headquarters. `notes`: back-off and the like, told to the user. `wanted` are the ranges that were asked for,
    `left_out` those of them that get nothing: [range, why]. `permit` is the authorisation's text.
    """

    uid = models.CharField(max_length=32, unique=True)
    job = models.BinaryField()
    job_sha256 = models.CharField(max_length=64)
    authorisation = models.CharField(max_length=TEXT, blank=True)
    authorisation_sha256 = models.CharField(max_length=64, blank=True)
    permit = models.BinaryField(default=b"")
    wanted = models.JSONField(default=list)
    left_out = models.JSONField(default=list)
    point = models.ForeignKey(ScanPoint, null=True, blank=True, on_delete=models.SET_NULL)
    bundle = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=16, default="running")  # waiting running stopped done cancelled
    stopped = models.CharField(max_length=TEXT, blank=True)
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    requests = models.PositiveBigIntegerField(default=0)
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.uid


class SweptBlock(models.Model):
    """Up to 256 neighbouring addresses, one byte each: the index in codered_hq.model.sweep.STATES."""

    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="blocks")
    first = models.CharField(max_length=ADDRESS_DIGITS)
    states = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sweep", "first"], name="one_block_a_sweep")]
        indexes: ClassVar = [models.Index(fields=["first"])]

    def __str__(self) -> str:
        return self.first


class SweptAddress(models.Model):
    """An address that answered. `ports` is the list of its PortResults as JSON."""

    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="addresses")
    host = models.ForeignKey(Host, null=True, blank=True, on_delete=models.SET_NULL, related_name="sweeps")
    address = models.CharField(max_length=64)
    number = models.CharField(max_length=ADDRESS_DIGITS)
    state = models.CharField(max_length=16, db_index=True)
    reason = models.CharField(max_length=TEXT, blank=True)
    ports = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sweep", "number"], name="one_answer_an_address")]
        indexes: ClassVar = [models.Index(fields=["number", "at"])]

    def __str__(self) -> str:
        return f"{self.address} {self.state}"


class Bundle(models.Model):
    """A sweep job that was carried into a zone by hand, and whether its result came back."""

    uid = models.CharField(max_length=32, unique=True)
    zone = models.CharField(max_length=TEXT)
    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="bundles")
    issued = models.DateTimeField()
    expires = models.DateTimeField()
    job_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, default="issued")  # issued merged cancelled
    key = models.CharField(max_length=64, blank=True)
    result_sha256 = models.CharField(max_length=64, blank=True)
    merged_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.uid
