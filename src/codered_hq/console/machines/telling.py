"""What became of a question to the gate, in one line for whoever asked it."""

from datetime import datetime
from typing import NamedTuple

from django.contrib import messages
from django.urls import reverse

from codered_hq.containment.promptly import Promptly
from codered_hq.containment.rows import describe
from codered_hq.gate.models import Decision
from codered_hq.gate.voters import find_missing_votes


class Told(NamedTuple):
    """How grave it is (a level of django.contrib.messages), in words, and the page to go on at ("" = none)."""

    level: int
    text: str
    address: str = ""

    @classmethod
    def failed(cls, text: str) -> "Told":
        """Something that did not work."""
        return cls(messages.ERROR, text)


def tell_decision(decision: Decision, name: str, at: datetime) -> Told:
    """What was not allowed, or not yet: the rule, its sentence, and who is missing at this time (aware)."""
    said = f"rule {decision.rule}: {decision.why}"
    if decision.state == "awaiting":
        missing = " and ".join(find_missing_votes(decision, decision.needs, at)) or "nobody"
        text = f"{name}: waits for the yes of {missing} ({said})"
        return Told(messages.WARNING, text, reverse("approval", args=[decision.uid]))
    return Told.failed(f"{name}: {decision.state}: {said}")


def tell_carried_out(done: Promptly, name: str) -> Told:
    """What became of the devices."""
    if done.left:
        return Told(messages.INFO, f"{name}: allowed; {done.left}: the worker of headquarters carries it out")
    said = "; ".join(f"{describe(row)}: {row.state}" + (f" ({row.error})" if row.error else "") for row in done.rows)
    good = all(row.state in ("holding", "undone") for row in done.rows)
    return Told(messages.SUCCESS if good else messages.ERROR, f"{name}: {said}")
