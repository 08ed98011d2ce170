"""Who signs in to the console, and which programs may speak to it."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from codered_hq.hosts.models import TEXT
from codered_hq.incidents.models import Person


class Account(models.Model):
    """An account of the console; name, password and second factor are its `user`'s. `person` is who it proves to speak
    (None: somebody who may only look). `administrator`: may invite, make tokens, and see how the server fares.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="console")
    person = models.OneToOneField(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="console")
    administrator = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.user)


class Invite(models.Model):
    """A link by which one account is made, once. `digest` is the SHA-256 of what stands in it; `person` whom it is for
    (None: `name`, who is not in the team; "": the first one, who says his name himself). `inviter` answers for it that
    the console proves who speaks; `account` is the one that came of it.
    """

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="invites")
    name = models.CharField(max_length=TEXT, blank=True)
    administrator = models.BooleanField(default=False)
    made_by = models.CharField(max_length=TEXT)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    inviter = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="invites")

    def __str__(self) -> str:
        return f"invitation of {self.name or self.person_id}"


class Token(models.Model):
    """What a program shows to the API; `digest` is its SHA-256, `scopes` what it may do (accounts.scopes). `made_by` is
    how the maker was called; `account` and `person` are who he is (None: the shell), and the token ends with either.
    """

    name = models.CharField(max_length=TEXT)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_by = models.CharField(max_length=TEXT)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.CASCADE, related_name="tokens")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="tokens")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class AskedKey(models.Model):
    """An idempotency key that a program asked with: the SHA-256 of the body (hexadecimal), and the uids of the
    decisions that came of it; [] until they are made.
    """

    token = models.ForeignKey(Token, on_delete=models.CASCADE, related_name="asked_keys")
    key = models.CharField(max_length=64)
    body = models.CharField(max_length=64)
    decisions = models.JSONField(default=list)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="one_wish_a_key")]

    def __str__(self) -> str:
        return self.key


class AgentKey(models.Model):
    """The public half (hexadecimal) of the Ed25519 key that an agent signs its posts with; `newest` is the highest
    number of a post that was taken: none at or below it is taken again. `collector`: it may speak of other hosts.
    `account` and `person`: who entered it (None: the shell).
    """

    name = models.CharField(max_length=TEXT)
    public_key = models.CharField(max_length=64, unique=True)
    newest = models.BigIntegerField(default=0)
    collector = models.BooleanField(default=False)
    made_by = models.CharField(max_length=TEXT)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="agents")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="agents")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["name"], name="one_agent_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_to_decide(self) -> bool:
        """Whether it holds though who entered it has left, or his account is disabled."""
        gone = self.account is not None and self.account.disabled_at is not None
        return self.revoked_at is None and (gone or (self.person is not None and not self.person.active))
