"""When somebody broke the glass: a task to look at it afterwards opens by itself, and everybody is told."""

from datetime import datetime
from typing import NamedTuple

from codered_hq.incidents.models import Incident, Task
from codered_hq.incidents.outbox import EVERYBODY, queue_notice
from codered_hq.ledger.writing import enter
from codered_hq.model.notice import Notice

ACTION = "review of broken glass"


class Broken(NamedTuple):
    """What was done past the rules: by whom, what (in words), why, in which incident ("" = none), to be reviewed by
    when (aware).
    """

    decision: str
    what: str
    person: str
    reason: str
    incident: str
    review_by: datetime


def open_review(broken: Broken, at: datetime) -> Task | None:
    """Open the task and queue a notice to everybody, within the caller's transaction. Without an incident there is no
    task, but the notice and the ledger.
    """
    incident = Incident.objects.filter(name=broken.incident).first() if broken.incident else None
    text = f"Review: {broken.person} broke the glass for {broken.what} ({broken.reason})"
    notice = Notice(to="", subject=f"glass broken: {broken.what}"[:200], body=text + "\n", urgent=True)
    queue_notice(EVERYBODY, notice, at, incident)
    if incident is None:
        return None
    task, new = Task.objects.get_or_create(
        incident=incident, action=ACTION, target=broken.decision[:255], state="open",
        defaults={
            "step": incident.step, "role": "executive", "text": text, "source": "gate", "priority": 1, "added_at": at,
            "due_at": broken.review_by,
        },
    )  # fmt: skip
    if new:
        detail = {"task": task.pk, "decision": broken.decision, "review_by": broken.review_by}
        enter("task", "gate", f"task {task.pk} opened: {text}", at, incident=incident.name, detail=detail)
    return task
