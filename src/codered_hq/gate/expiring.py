"""Decisions that nobody approved, or used, in time."""

from datetime import datetime

from django.db import transaction

from codered_hq.gate.deadlines import is_late
from codered_hq.gate.locking import lock_gate
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import OPEN, end_decision
from codered_hq.opening import be_patient


def expire(at: datetime) -> int:
    """End what may no longer be used at this time (aware), and count its machines no more. How many there were."""
    return be_patient(lambda: _expire(at))


def _expire(at: datetime) -> int:
    with transaction.atomic():
        return end_late(lock_gate(at))


def end_late(now: datetime) -> int:
    """End them at this time of the gate, whose lock is held. How many there were."""
    late = [each for each in Decision.objects.filter(state__in=OPEN).order_by("pk") if is_late(each, now)]
    for decision in late:
        end_decision(decision, "expired", "nobody used it in time", "gate", now)
    return len(late)
