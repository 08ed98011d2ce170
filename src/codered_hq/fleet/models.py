"""Fleet runs, what each host answered, reports and findings, schedules, and cases that reopen."""

from typing import ClassVar

from django.db import models

from codered_hq.hosts.models import TEXT, Host


class FleetRun(models.Model):
    """One word for many hosts. `wish` is what was asked for (JSON); `schedule` is what began it, if not a person."""

    uid = models.CharField(max_length=32, unique=True)
    word = models.CharField(max_length=16)
    wish = models.JSONField(default=dict)
    incident = models.CharField(max_length=TEXT, blank=True)
    program_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, default="running")  # running waiting awaiting done stopped
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True, blank=True)
    expires = models.DateTimeField()
    schedule = models.ForeignKey("Schedule", null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")

    def __str__(self) -> str:
        return f"{self.word} {self.uid}"


def _rank(verdict: str) -> int:
    """From the least to the most that must not be forgotten."""
    known = ("", "clean", "incomplete", "suspicious", "infected", "residual", "reinfected")
    return known.index(verdict) if verdict in known else known.index("incomplete")


class HostRun(models.Model):
    """One host in a run. `state`: queued (also: off, tried again at `next_try`), running, answered, refused, failed,
    given_up; never simply missing. A change begins as awaiting: it is queued only once its permit was taken. `outcome`
    and `reason` are the engine's last words about it (outcome by_rules: the rules', nothing was asked of it), `key` the
    name of the key that it answered with last, believed or not, `address` where it was asked.
    """

    run = models.ForeignKey(FleetRun, on_delete=models.CASCADE, related_name="hosts")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=16, default="queued", db_index=True)
    outcome = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=TEXT, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    job_id = models.CharField(max_length=32, blank=True, db_index=True)
    job_sha256 = models.CharField(max_length=64, blank=True)
    job = models.BinaryField(null=True, blank=True)  # as it was sealed: asked again after a crash, it is the same job
    job_expires = models.DateTimeField(null=True, blank=True)
    plan = models.BinaryField(null=True, blank=True)
    plan_digest = models.CharField(max_length=128, blank=True)
    document = models.BinaryField(null=True, blank=True)  # the report that a plan is made from or verified with
    exit_code = models.IntegerField(null=True, blank=True)
    verdict = models.CharField(max_length=16, blank=True)
    key = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=64, blank=True)
    report = models.ForeignKey("StoredReport", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    joined = models.CharField(max_length=TEXT, blank=True)  # what other row of the run it stands for, not reached
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "host"], name="one_try_a_host")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.host_id} {self.state}"

    def absorb(self, other: "HostRun") -> None:
        """Stand for the row of a host that turned out to be this one too. Its own outcome is not lost: what was not
        reached there is not clean here.
        """
        if other.state == "answered" and _rank(other.verdict) > _rank(self.verdict):
            self.verdict, self.report, self.exit_code = other.verdict, other.report, other.exit_code
        reached = other.state == "answered" and not other.joined
        what = "was asked too" if reached else "was not reached"
        self.joined = f"{self.joined}; joined with #{other.host_id}, which {what}".removeprefix("; ")[:TEXT]
        self.tell_joined()
        self.save(update_fields=["joined", "verdict", "report", "exit_code", "reason"])

    def tell_joined(self) -> None:
        """Say it in the reason, and call nothing clean that was not reached. Saves nothing."""
        if "was not reached" in self.joined and self.verdict == "clean":
            self.verdict, self.exit_code = "incomplete", 3
        if self.joined not in self.reason:
            self.reason = f"{self.joined}; {self.reason}".removesuffix("; ")[:TEXT]


class StoredReport(models.Model):
    """A sealed answer's document as it came: zstd; `uid` is the SHA-256 of the sealed answer's body, so a repeat is
    harmless. `gaps`: looks that failed or were not possible; a report with gaps is never clean. `partial`: it was to
    look at some places only.
    """

    uid = models.CharField(max_length=64, unique=True)
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="reports")
    word = models.CharField(max_length=16)
    verdict = models.CharField(max_length=16, blank=True)
    gaps = models.PositiveIntegerField(default=0)
    partial = models.BooleanField(default=False)
    key = models.CharField(max_length=64)
    taken_at = models.DateTimeField(db_index=True)
    received_at = models.DateTimeField()
    document = models.BinaryField()

    def __str__(self) -> str:
        return self.uid


class StoredFinding(models.Model):
    """One finding of a host, once, from first to last report that has it. `gone_at`: a later whole report lacks it."""

    uid = models.CharField(max_length=64)
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="findings", db_index=False)
    report = models.ForeignKey(StoredReport, on_delete=models.CASCADE, related_name="findings")
    pack = models.CharField(max_length=64)
    indicator = models.CharField(max_length=TEXT)
    layer = models.CharField(max_length=32)
    confidence = models.CharField(max_length=16)
    severity = models.CharField(max_length=16)
    subject_kind = models.CharField(max_length=32)
    subject = models.TextField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # Each index is paid for by every finding that comes in: no second one of a host, none for the start of a uid.
        constraints: ClassVar = [models.UniqueConstraint(fields=["uid"], name="one_finding")]
        indexes: ClassVar = [models.Index(fields=["host", "gone_at"]), models.Index(fields=["pack", "confidence"])]

    def __str__(self) -> str:
        return f"{self.pack} {self.subject}"


class Schedule(models.Model):
    """A run that is due again and again: re-verification after a cure, a scan each night."""

    word = models.CharField(max_length=16)
    selection = models.JSONField(default=dict)
    wish = models.JSONField(default=dict)
    every_seconds = models.PositiveIntegerField()
    next_at = models.DateTimeField(db_index=True)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=TEXT, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.word} every {self.every_seconds / 3600:g} h"


class HostCase(models.Model):
    """One infection of one host, from the report that showed it to the watch's end; a new one after that reopens it.
    `made_anew`: when a person said that the machine was made anew, until a scan has answered to that.
    """

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="cases")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    watch_until = models.DateTimeField(null=True, blank=True)
    made_anew = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveIntegerField(default=0)
    because = models.TextField(blank=True)
    history = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.host_id} since {self.opened_at}"
