"""One at a time through the gate, and a clock that never goes back."""

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.transaction import TransactionManagementError

from codered_hq.gate.models import GateLock
from codered_hq.ledger.models import LedgerEntry
from codered_hq.ledger.writing import take_turn

CLOCK_RULE = "clock"
MOST_AHEAD = timedelta(minutes=10)  # that clocks of machines that share a database may differ


def lock_gate(at: datetime) -> datetime:
    """Take the gate until the transaction ends. Gives the time that holds here (aware): that of the
    newest ledger entry if the clock was set back, so that nothing that expired lives again. Raises
    TransactionManagementError outside of a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("the gate is locked within a transaction")
    take_turn()  # first the ledger's: whoever entered something before he asks holds it already
    GateLock.objects.get_or_create(number=1)
    GateLock.objects.select_for_update().get(number=1)  # on SQLite the transaction itself is the lock
    return tell_time(at)


def tell_time(at: datetime) -> datetime:
    """The given time (aware), or that of the newest ledger entry if it is later."""
    newest = LedgerEntry.objects.order_by("-seq").values_list("at", flat=True).first()
    return at if newest is None else max(at, newest)


def explain_ahead(at: datetime, now: datetime) -> str:
    """Why nothing that needs approval may be allowed: the time of the gate, `now`, is far ahead of the clock, so that
    no approval would end; "" if it is not. `at` (aware) is the caller's: when the word began, which may be long ago.
    """
    if now - max(at, tell_clock()) <= MOST_AHEAD:
        return ""
    return (
        f"The newest entry of the ledger ({now.astimezone(UTC):%Y-%m-%d %H:%M} UTC) is more than"
        f" {MOST_AHEAD.seconds // 60} minutes ahead of this machine's clock: nothing that needs approval is allowed"
        " until the clock is right. In an emergency: codered approve glass."
    )


def tell_clock() -> datetime:
    """What this machine's clock says now."""
    return datetime.now(UTC)
