"""Until when a decision may be used: by the time of the gate, and by a clock that nobody sets; whichever ends first."""

from datetime import datetime, timedelta

from codered_hq.devices.kept_orders import tell_boot, tell_ticks
from codered_hq.gate.models import Decision


def set_deadline(decision: Decision, minutes: int, now: datetime) -> None:
    """It may be used for so many minutes. The time of the gate stands still while the newest entry of the ledger is
    ahead of the clock: the seconds since this machine was started do not.
    """
    decision.expires_at = now + timedelta(minutes=minutes)
    decision.request = decision.request | {"boot": tell_boot(), "deadline": tell_ticks() + minutes * 60}


def is_late(decision: Decision, now: datetime) -> bool:
    """Whether its time is over, at this time of the gate (aware)."""
    return decision.expires_at is not None and count_seconds_left(decision, now) <= 0


def count_seconds_left(decision: Decision, now: datetime) -> float:
    """Seconds that it may be used yet; less than 0 if its time is over, 0 if it has none."""
    if decision.expires_at is None:
        return 0
    left = (decision.expires_at - now).total_seconds()
    boot = decision.request.get("boot")
    if boot and boot == tell_boot():  # started anew since, or another machine: its seconds say nothing
        left = min(left, decision.request["deadline"] - tell_ticks())
    return left
