"""Drills: what is played, the truth of it, what the team was told, and what it made of that."""

from typing import ClassVar, Final

from django.db import models

from codered_hq.hosts.models import TEXT, Host
from codered_hq.incidents.models import Incident

TABLETOP: Final = "tabletop"
LABORATORY: Final = "laboratory"
"""Kinds of drills: a range of numbers that a model plays; real machines of the laboratory, where nothing is played."""


class Drill(models.Model):
    """One drill of this headquarters, which is its own; `kind`: TABLETOP or LABORATORY. `scenario` is its whole text as
    it was loaded (in the laboratory: what it is about, and the targets); `speed`: played seconds in a real one;
    `played_to` seconds of the played world are through. `uncontained` are infected machines by played minute with
    nobody cut off, the mean of some runs of the model, `spread` their standard deviation. `score` is written when it
    ends.
    """

    name = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=TEXT)
    kind = models.CharField(max_length=16, default=TABLETOP)
    scenario = models.JSONField(default=dict)
    seed = models.BigIntegerField(default=1)
    speed = models.FloatField(default=1.0)
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="drills")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    played_to = models.PositiveIntegerField(default=0)
    uncontained = models.JSONField(default=list)
    spread = models.JSONField(default=list)
    score = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class PlayedHost(models.Model):
    """The truth about one machine of the range; what the team knows stands in its Host. `heard_at`: when a sensor or
    scan tells of its infection, if anything looks there (None = nothing does); `told_at`: it was told.
    """

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="hosts")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="played")
    address = models.CharField(max_length=64)
    subnet = models.CharField(max_length=64)
    vulnerable = models.BooleanField(default=False)
    infected_at = models.DateTimeField(null=True, blank=True, db_index=True)
    infected_from = models.CharField(max_length=64, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, db_index=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["drill", "address"], name="one_machine_an_address")]

    def __str__(self) -> str:
        return self.address


class Inject(models.Model):
    """Something that happens to the team: told at `due_at`, answered by somebody, or not."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="injects")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16)
    to = models.CharField(max_length=32)
    text = models.TextField()
    expected = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField(default=0)  # within which an answer is in time; 0 = none is asked for
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=TEXT, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["drill", "number"], name="one_inject_a_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.kind} to {self.to}"


class TruthPoint(models.Model):
    """What was so at one moment: machines infected ever, still spreading, and known to the team."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="points")
    at = models.DateTimeField()
    infected = models.PositiveIntegerField()
    spreading = models.PositiveIntegerField()
    known = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["drill", "at"], name="one_point_a_moment")]

    def __str__(self) -> str:
        return f"{self.at}: {self.infected}"
