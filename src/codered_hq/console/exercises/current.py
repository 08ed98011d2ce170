"""The drill that goes on here, for other pages: its newest inject that waits for an answer, and the clock."""

from datetime import datetime, timedelta
from typing import Any

from codered_hq.config import is_exercise
from codered_hq.drills.models import Drill, Inject


def find_current(at: datetime) -> dict[str, Any]:
    """What console/exercises/current.html shows at this time (aware); empty where no drill goes on."""
    if not is_exercise():
        return {}
    drill = Drill.objects.filter(ended_at=None, started_at__lte=at).order_by("-pk").first()
    if drill is None:
        return {}
    return {"current_drill": drill, "current_injects": list_waiting(drill, at), "drill_ends_at": find_end(drill)}


def list_waiting(drill: Drill, at: datetime) -> list[Inject]:
    """Injects that were due by then and wait for an answer, the newest first."""
    waiting = drill.injects.filter(due_at__lte=at, answered_at=None).exclude(minutes=0)
    return list(waiting.order_by("-due_at", "-number"))


def find_end(drill: Drill) -> datetime:
    """When the scenario's time is up."""
    minutes = int(drill.scenario.get("minutes", 60)) if isinstance(drill.scenario, dict) else 60
    return drill.started_at + timedelta(minutes=minutes)


def find_deadline(inject: Inject) -> datetime:
    """Until when an answer is in time."""
    return inject.due_at + timedelta(minutes=inject.minutes)
