"""Who is told when something can't be taken back."""

from datetime import datetime

from codered.model.errors import WrongUse
from codered_hq.containment.models import Containment
from codered_hq.containment.rows import describe
from codered_hq.incidents.models import Incident
from codered_hq.incidents.outbox import queue_notice
from codered_hq.model.notice import Notice

RECEIVER = "network"
"""The role whose people can go there and look."""


def tell_stuck(row: Containment, at: datetime) -> None:
    """Queue a notice; where no way of telling is set up, the list alone shows it."""
    notice = Notice(
        to="", urgent=True, subject=f"can't be taken back: {describe(row)}",
        body=f"{describe(row)} should be taken back and can't be: {row.error}\n"
        "It is tried again by codered work; look at the device if it stays so: codered contain list\n",
    )  # fmt: skip
    try:
        queue_notice(RECEIVER, notice, at, Incident.objects.filter(name=row.incident).first())
    except WrongUse:
        return
