"""Tokens of programs: what each may do, until when. Only the digest of one is kept."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import models, transaction

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.administrators import check_administrator, find_speakers_account
from codered_hq.accounts.auditing import note
from codered_hq.accounts.models import Token
from codered_hq.incidents.people import LONGEST_NAME, Speaker

SCOPES: Final[tuple[str, ...]] = (
    "ingest", "hosts:read", "findings:read", "actions:read", "actions:ask", "status:read",
)  # fmt: skip
PREFIX = "crt_"
SECRET_BYTES = 32
LONGEST_DAYS = 366
USED_EVERY = timedelta(minutes=1)


def digest_secret(secret: str) -> str:
    """What is kept of a secret: its SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode(errors="backslashreplace")).hexdigest()


def check_name(name: str) -> str:
    """A name of a program, trimmed. Raises WrongUse."""
    trimmed = name.strip()
    if not trimmed or len(trimmed) > LONGEST_NAME or not trimmed.isprintable() or trimmed.startswith("-"):
        advice = f"give a name of at most {LONGEST_NAME} signs, without control signs"
        raise WrongUse("is no name", where=ascii(trimmed[:LONGEST_NAME])[1:-1], advice=advice)
    return trimmed


def make_token(name: str, scopes: Sequence[str], by: Speaker, at: datetime, days: int = 90) -> tuple[Token, str]:
    """A token for a program, and its secret, which is known only now. `at` is aware. Raises WrongUse, and Refused
    unless an administrator asks.
    """
    check_administrator(by, f"a token for {name[:LONGEST_NAME]}")
    said = check_name(name)
    if not scopes or (unknown := sorted(set(scopes) - set(SCOPES))):
        where = unknown[0][:LONGEST_NAME] if scopes else "--scope"
        raise WrongUse("is no scope", where=where, advice=f"name each by a --scope of its own: {' '.join(SCOPES)}")
    if not 1 <= days <= LONGEST_DAYS:
        raise WrongUse("a token lasts 1 to 366 days", where=str(days), advice="make a new one before it ends")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    kept = [scope for scope in SCOPES if scope in scopes]
    with transaction.atomic():
        if find_tokens(at).filter(name=said).exists():
            raise Refused("a token of this name is in use", where=said, advice="revoke it first, or name it otherwise")
        token = Token.objects.create(
            name=said, digest=digest_secret(secret), scopes=kept, made_by=by.name, made_at=at,
            account=find_speakers_account(by), person=by.person, expires_at=at + timedelta(days=days),
        )  # fmt: skip
        note("token-made", by.name, f"token {said}: may {', '.join(kept)} for {days} days", at, token=said)
    return token, secret


def find_tokens(at: datetime) -> "models.QuerySet[Token]":
    """Those that may be used at this time (aware): none of somebody who left, or whose account is disabled."""
    gone = models.Q(account__disabled_at__isnull=False) | models.Q(person__active=False)
    return Token.objects.filter(revoked_at=None, expires_at__gt=at).exclude(gone)


def check_token(secret: str, scope: str, at: datetime) -> Token:
    """The token of this secret, which may do this now; it remembers its use to the minute. Raises Refused."""
    token = Token.objects.filter(digest=digest_secret(secret)).first() if secret.startswith(PREFIX) else None
    if token is None or token.revoked_at is not None:
        raise Refused("this token is not known", where="Authorization", advice="codered account token make")
    if token.expires_at <= at:
        raise Refused("this token has expired", where=token.name, advice="codered account token make")
    if not find_tokens(at).filter(pk=token.pk).exists():
        raise Refused("who made this token is gone", where=token.name, advice="codered account token make")
    if scope not in token.scopes:
        raise Refused(f"this token may not {scope}", where=token.name, advice="make one with this scope")
    if token.last_used_at is None or at - token.last_used_at >= USED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=at)
    return token


def revoke_token(name: str, by: Speaker, at: datetime) -> Token:
    """From now on this token opens nothing. Raises WrongUse if none of this name is in use, Refused."""
    check_administrator(by, f"token {name[:LONGEST_NAME]}")
    with transaction.atomic():
        token = find_tokens(at).filter(name=name.strip()).first()
        if token is None:
            raise WrongUse(
                "no token in use has this name", where=name[:LONGEST_NAME], advice="codered account token list"
            )
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        note("token-revoked", by.name, f"token {token.name} was revoked", at, token=token.name)
    return token
