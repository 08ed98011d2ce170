"""What happened at the console's door, and who looked at evidence, as entries of the ledger."""

from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache

from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.writing import enter

KIND: Final = "console"
VIEW_EVERY = timedelta(hours=1)
FAILURE_EVERY = timedelta(minutes=1)
_FAILED = "codered.accounts.failed"
LONGEST = 150


def note(event: str, who: str, what: str, at: datetime, **detail: str) -> None:
    """Enter one sentence about this event (sign-in, factor-added, …)."""
    enter(KIND, who, what, at, detail={"event": event, **detail})


def note_view(viewer_name: str, what: str, where: str, at: datetime) -> bool:
    """Enter that somebody looked at evidence (`what` is its sort, `where` which one), once an hour for each person and
    thing. Whether it was entered.
    """
    told = f"{viewer_name} looked at {what}: {where}"
    entries = LedgerEntry.objects.filter(kind=KIND, who=viewer_name, what=told)
    if entries.filter(at__gt=at - VIEW_EVERY, at__lte=at).exists():
        return False
    note("evidence-viewed", viewer_name, told, at, thing=what, which=where)
    return True


def note_failure(name: str, how: str, address: str, at: datetime) -> bool:
    """Enter that somebody failed to sign in under this name; `how`: by which means. At most one entry a minute: it
    tells how many there were since the one before, so that nobody fills the ledger. Whether it was entered.
    """
    cache.add(_FAILED, 0, timeout=None)
    failed = cache.incr(_FAILED)
    entries = LedgerEntry.objects.filter(kind=KIND, what__startswith="signing in failed")
    if entries.filter(at__gt=at - FAILURE_EVERY, at__lte=at).exists():
        return False
    cache.set(_FAILED, 0, timeout=None)
    shown = ascii(name[:LONGEST])[1:-1]
    told = f"signing in failed as {shown} ({how}); {failed} since the last entry of this sort"
    note("sign-in-failed", "", told, at, name=shown, address=address, how=how)
    return True
