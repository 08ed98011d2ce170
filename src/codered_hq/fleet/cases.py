"""What state a host is in, and what may change it: infected, contained, cleaned, verified, watched, closed; and back.

A host is never called clean here because nothing was heard of it: only a whole report or a verification moves it on.
"""

from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction

from codered_hq.fleet.models import HostCase
from codered_hq.hosts.models import Host

WATCH = timedelta(hours=72)
MOST_HISTORY = 500  # entries of one case

Event = Literal["infected", "suspect", "contained", "released", "cleaned", "verified", "clean", "watched"]
_NEXT: dict[str, dict[Event, str]] = {
    "unknown": {"infected": "infected", "suspect": "suspect", "contained": "contained"},
    "suspect": {"infected": "infected", "contained": "contained", "clean": "unknown", "verified": "unknown"},
    "infected": {"contained": "contained", "cleaned": "cleaned"},
    "contained": {"cleaned": "cleaned", "released": "infected"},
    "cleaned": {"infected": "infected", "verified": "verified", "contained": "contained"},
    "verified": {"infected": "infected", "verified": "watch", "clean": "watch", "contained": "contained"},
    "watch": {"infected": "infected", "watched": "closed", "contained": "contained"},
    "closed": {"infected": "infected", "suspect": "suspect", "contained": "contained"},
}
"""State -> event -> state; an event that is not named changes nothing."""


def advance(host: Host, event: Event, at: datetime, because: str) -> str:
    """Let an event move the host on; its state afterwards. An infection after a cure reopens the case and counts it."""
    with transaction.atomic():
        host = Host.objects.select_for_update().get(pk=host.pk)
        state = _NEXT[host.state].get(event, host.state)
        if state == "infected" and host.state != "infected":
            _open_case(host, at, because)
        if state != host.state:
            _tell_case(host, state, at, because)
            host.state, host.state_since = state, at
            host.save(update_fields=["state", "state_since"])
    return state


def end_watches(at: datetime) -> int:
    """Close the cases whose watch is over; how many."""
    due = HostCase.objects.filter(closed_at=None, watch_until__lte=at, host__state="watch").select_related("host")
    for case in due:
        advance(case.host, "watched", at, "nothing came back until the watch was over")
    return len(due)


def _open_case(host: Host, at: datetime, because: str) -> None:
    case = host.cases.filter(closed_at=None).first()
    if case is None:
        before = host.cases.order_by("-opened_at").first()
        again = before.reopened + 1 if before else 0
        HostCase.objects.create(host=host, opened_at=at, because=because, reopened=again)
    else:
        case.reopened += 1
        case.watch_until = None
        case.save(update_fields=["reopened", "watch_until"])


def _tell_case(host: Host, state: str, at: datetime, because: str) -> None:
    case = host.cases.filter(closed_at=None).first()
    if case is None:
        return
    case.history = [*case.history, [at.isoformat(), host.state, state, because]][-MOST_HISTORY:]
    if state in ("verified", "watch") and case.watch_until is None:
        case.watch_until = at + WATCH
    if state == "closed":
        case.closed_at = at
    case.save(update_fields=["history", "watch_until", "closed_at"])
