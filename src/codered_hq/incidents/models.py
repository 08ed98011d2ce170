"""Incidents and the people who work on them: roster, tasks, decisions about hosts, messages, rumours, lessons."""

from typing import ClassVar

from django.db import models

from codered_hq.hosts.models import TEXT, Host


class Person(models.Model):
    """Somebody who may ask, approve, or be called. `account` is his account on this machine, `public_key` (hexadecimal)
    what his votes are signed with, `console_since` when he first signed in to the console with a second factor: one of
    them proves who speaks, and has done so since `proof_since` (None = always).
    """

    name = models.CharField(max_length=TEXT, unique=True)
    mail = models.CharField(max_length=TEXT, blank=True)
    phone = models.CharField(max_length=TEXT, blank=True)
    account = models.CharField(max_length=64, blank=True)
    public_key = models.CharField(max_length=64, blank=True)
    proof_since = models.DateTimeField(null=True, blank=True)
    console_since = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    reached_at = models.DateTimeField(null=True, blank=True)  # the last test that he answered

    def __str__(self) -> str:
        return self.name


class Incident(models.Model):
    """One outbreak. `name` is what words call it; `impact` what it costs the business, by area, in words."""

    name = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=TEXT)
    packs = models.JSONField(default=list)
    step = models.CharField(max_length=16, default="detect")
    severity = models.CharField(max_length=16, default="high")
    tlp = models.CharField(max_length=16, default="AMBER")
    drill = models.BooleanField(default=False)
    summary = models.TextField(blank=True)
    impact = models.JSONField(default=dict)
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=TEXT)
    closed_at = models.DateTimeField(null=True, blank=True)
    report_every_seconds = models.PositiveIntegerField(default=3600)
    next_report_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Duty(models.Model):
    """A person in a role: of an incident, or standing (`incident` None). `order` 0 is the first choice, 1 his backup.
    `dedicated_until`: until then he does nothing else.
    """

    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.CASCADE, related_name="duties")
    role = models.CharField(max_length=32, db_index=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="duties")
    order = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    dedicated_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident", "role", "person"], condition=models.Q(until=None), name="one_duty_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.person_id}"


class Call(models.Model):
    """A person was called for a role, and has answered or not. `passed_on_at`: his backup was called in his place."""

    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.CASCADE, related_name="calls")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="calls")
    role = models.CharField(max_length=32)
    why = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    passed_on_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.role}: {self.person_id}"


class Task(models.Model):
    """Something to do. A claim is a lease: after `lease_until` it is free again. While it is open, no other task of the
    incident has the same action on the same target.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tasks")
    step = models.CharField(max_length=16)
    role = models.CharField(max_length=32, blank=True)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=TEXT, blank=True)
    text = models.TextField()
    source = models.CharField(max_length=TEXT, blank=True)  # the pack and step of its template, or who added it
    priority = models.PositiveSmallIntegerField(default=5)
    state = models.CharField(max_length=16, default="open", db_index=True)  # open claimed blocked done dropped
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    lease_until = models.DateTimeField(null=True, blank=True)
    why = models.TextField(blank=True)  # blocked or dropped, and what for
    result = models.TextField(blank=True)
    added_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident", "action", "target"],
                condition=models.Q(state__in=("open", "claimed", "blocked")),
                name="one_open_task",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class HostDecision(models.Model):
    """Clean, rebuild, or live with it: what was decided about a host, and on what grounds."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="host_decisions")
    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="decisions")
    treatment = models.CharField(max_length=16)  # model.crisis.Treatment
    infected_since = models.CharField(max_length=TEXT, blank=True)  # "" = not known
    other_malware = models.CharField(max_length=TEXT, blank=True)
    confidence = models.CharField(max_length=16, default="medium")
    damage = models.TextField(blank=True)
    outage_cost = models.TextField(blank=True)
    legal_hold = models.BooleanField(default=False)
    reasons = models.TextField()
    decided_by = models.CharField(max_length=TEXT)
    at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.host_id}: {self.treatment}"


class EvidenceRecord(models.Model):
    """Evidence of a host was saved: where, and the head of its custody chain; `checked`: that chain was read."""

    host = models.ForeignKey(Host, on_delete=models.CASCADE, related_name="evidence")
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="evidence")
    container = models.CharField(max_length=TEXT)
    head = models.CharField(max_length=64, blank=True)
    checked = models.BooleanField(default=False)
    who = models.CharField(max_length=TEXT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.container


class Message(models.Model):
    """What an audience is told. It is sent only when everybody in `needs` (roles) has approved these very words."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="messages")
    audience = models.CharField(max_length=64)  # executives, staff, customers, press, regulator, partners …
    subject = models.CharField(max_length=TEXT)
    body = models.TextField()
    tlp = models.CharField(max_length=16, default="AMBER")
    needs = models.JSONField(default=list)
    approved = models.JSONField(default=list)  # [role, person, time, SHA-256 of subject and body]
    state = models.CharField(max_length=16, default="draft")  # draft approved queued withdrawn
    author = models.CharField(max_length=TEXT)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by")

    def __str__(self) -> str:
        return self.subject


class Rumour(models.Model):
    """What is said, who looked into it, and what is true."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="rumours")
    heard = models.TextField()
    heard_from = models.CharField(max_length=TEXT, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=16, default="open")  # open true false
    answer = models.TextField(blank=True)
    checked_by = models.CharField(max_length=TEXT, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.heard[:80]


class Lesson(models.Model):
    """What was learned. It closes only with a proof that the control was changed, and is checked again later."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="lessons")
    text = models.TextField()
    owner = models.CharField(max_length=TEXT, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    control = models.TextField(blank=True)  # what is changed so that it does not happen again
    proof = models.TextField(blank=True)
    recheck_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, default="open")  # open closed
    closed_at = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=TEXT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:80]


class Outgoing(models.Model):
    """A notice in the queue: `way` is the name of a [[notify]] of headquarters.toml. Never lost: sent, or told why
    not.
    """

    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="outgoing")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="outgoing")
    way = models.CharField(max_length=64)
    to = models.CharField(max_length=TEXT)
    subject = models.CharField(max_length=TEXT)
    body = models.TextField()
    tlp = models.CharField(max_length=16, default="AMBER")
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=16, default="queued", db_index=True)  # queued sent given_up
    tries = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(db_index=True)
    error = models.CharField(max_length=TEXT, blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.way} {self.to}: {self.subject}"
