"""What state a host is in, and what may change it: infected, contained, cleaned, verified, watched, closed; and back.

A host is never called clean here because nothing was heard of it: only a whole report or a verification moves it on.
"""

from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import QuerySet

from codered_hq.config import headquarters_folder, read_config
from codered_hq.fleet.models import HostCase, StoredFinding
from codered_hq.hosts.models import Host
from codered_hq.sweeps.recording import infection_seen

MOST_HISTORY = 500  # entries of one case

Event = Literal["infected", "suspect", "contained", "released", "cleaned", "verified", "clean", "anew", "watched"]
_NEXT: dict[str, dict[Event, str]] = {
    "unknown": {"infected": "infected", "suspect": "suspect", "contained": "contained"},
    "suspect": {"infected": "infected", "contained": "contained", "clean": "unknown"},
    "infected": {"contained": "contained", "cleaned": "cleaned", "anew": "verified"},
    "contained": {"cleaned": "cleaned", "released": "infected", "anew": "verified"},
    "cleaned": {
        "infected": "infected",
        "suspect": "suspect",
        "verified": "verified",
        "anew": "verified",
        "contained": "contained",
    },
    "verified": {
        "infected": "infected",
        "suspect": "suspect",
        "verified": "watch",
        "clean": "watch",
        "contained": "contained",
    },
    "watch": {"infected": "infected", "suspect": "suspect", "watched": "closed", "contained": "contained"},
    "closed": {"infected": "infected", "suspect": "suspect", "contained": "contained"},
}
"""State -> event -> state; an event that is not named changes nothing."""  # fmt: skip


def advance(host: Host, event: Event, at: datetime, because: str) -> str:
    """Let an event move the host on; its state afterwards. An infection after a cure reopens the case and counts it."""
    with transaction.atomic():
        host = Host.objects.select_for_update().get(pk=host.pk)
        event, because = _weigh_anew(host, event, because)
        state = _NEXT[host.state].get(event, host.state)
        if (host.state, state) == ("suspect", "unknown") and host.cases.filter(closed_at=None).exists():
            state = "verified"  # it was suspected after its cure: the watch begins anew
        since = at
        if (host.state, event) == ("contained", "released"):
            state, since = _find_state_before(host, at)
        elif host.state == "contained":
            _note_found(host, event, at, because)
        if state == "infected" and host.state != "infected":
            _open_case(host, at, because)
        if state != host.state:
            _tell_case(host, state, at, because)
            host.state, host.state_since = state, since
            host.save(update_fields=["state", "state_since"])
    return state


def suspect_host(host: Host, at: datetime, because: str, **_signal: object) -> None:
    """A host looks infected from outside: it is suspected, whatever stage its case is at."""
    advance(host, "suspect", at, because)


infection_seen.connect(suspect_host, dispatch_uid="fleet: suspect_host")


def find_open_case(host: Host) -> HostCase | None:
    """The case of a host that is not closed."""
    return host.cases.filter(closed_at=None).first()


def note_made_anew(case: HostCase, at: datetime, who: str) -> None:
    """A person says that the infected machine was made anew: a clean whole scan after this time (aware) proves it."""
    case.made_anew = at
    line = [at.isoformat(), case.host.state, case.host.state, f"made anew, says {who}"]
    case.history = [*case.history, line][-MOST_HISTORY:]
    case.save(update_fields=["made_anew", "history"])


def end_watches(at: datetime) -> int:
    """Close the cases whose watch is over, and of whose hosts a whole clean look came in after that; how many."""
    closed = [case for case in _find_over(at) if _is_proven(case)]
    for case in closed:
        advance(case.host, "watched", at, "a whole look after the watch found nothing")
    return len(closed)


def find_unlooked(at: datetime) -> list[Host]:
    """The hosts whose watch is over, but which can't be closed: not looked at since, or something is still open."""
    return [case.host for case in _find_over(at) if not _is_proven(case)]


def has_open_findings(host: Host) -> bool:
    """Whether anything that was found on the host was not proved to be gone."""
    return StoredFinding.objects.filter(host=host, gone_at=None).exists()


def _find_over(at: datetime) -> "QuerySet[HostCase]":
    over = HostCase.objects.filter(closed_at=None, watch_until__lte=at, host__state="watch")
    return over.select_related("host").order_by("host__label", "pk")


def _is_proven(case: HostCase) -> bool:
    """A clock that runs out proves nothing."""
    whole = case.host.reports.filter(word="scan", verdict="clean", gaps=0, partial=False)
    ill = has_open_findings(case.host) or case.host.suspected_at
    return whole.filter(received_at__gte=case.watch_until).exists() and not ill


def _weigh_anew(host: Host, event: Event, because: str) -> tuple[Event, str]:
    """A machine that was made anew is cured when a whole scan finds nothing; a finding says that it was not."""
    if event not in ("clean", "infected", "suspect"):
        return event, because
    case = find_open_case(host)
    if case is None or case.made_anew is None:
        return event, because
    told, case.made_anew = case.made_anew, None
    case.save(update_fields=["made_anew"])
    if event != "clean":
        return event, because
    return "anew", f"{because}: clean, after it was made anew ({told:%Y-%m-%d %H:%M} UTC)"


def _find_state_before(host: Host, at: datetime) -> tuple[str, datetime]:
    """What a host that was cut off is when it's let go, and since when: that made it no sicker, and no more cured."""
    before = _read_before(host)
    if before == "infected" or (before != "suspect" and has_open_findings(host)):
        return "infected", at
    if before == "suspect" or host.suspected_at:
        return "suspect", at
    newest = host.cases.order_by("-opened_at").first()
    times = [time for time, _, state, _ in newest.history if state == before] if newest else []
    return before, datetime.fromisoformat(times[-1]) if times else at


def _read_before(host: Host) -> str:
    """The state of a host before it was cut off, or what it was found to be since then; of one without a case, what its
    last case left it as.
    """
    case = find_open_case(host)
    if case is None:
        return "closed" if host.cases.exists() else "unknown"
    lines = reversed(case.history)
    return next((was for _, was, state, _ in lines if state == "contained" != was), "infected")


def _note_found(host: Host, event: Event, at: datetime, because: str) -> None:
    """What is found on a host that is cut off doesn't let it go; but it isn't what it was then, and is watched anew."""
    before = _read_before(host)
    state = _NEXT[before].get(event, before)
    if event not in ("infected", "suspect") or state == before:
        return
    if state == "infected":
        _open_case(host, at, because)
    case = find_open_case(host)
    if case is not None:
        lines = [[at.isoformat(), before, state, because], [at.isoformat(), state, "contained", because]]
        case.history = [*case.history, *lines][-MOST_HISTORY:]
        case.watch_until = None
        case.save(update_fields=["history", "watch_until"])


def _was_cured(case: HostCase) -> bool:
    """Whether it was proved clean since it was infected last."""
    for _, _, state, _ in reversed(case.history):
        if state in ("infected", "verified", "watch"):
            return bool(state != "infected")
    return False


def _open_case(host: Host, at: datetime, because: str) -> None:
    case = find_open_case(host)
    if case is None:
        before = host.cases.order_by("-opened_at").first()
        again = before.reopened + 1 if before else 0
        HostCase.objects.create(host=host, opened_at=at, because=because, reopened=again)
    else:
        case.reopened += _was_cured(case)
        case.watch_until = None
        case.save(update_fields=["reopened", "watch_until"])


def _tell_case(host: Host, state: str, at: datetime, because: str) -> None:
    case = find_open_case(host)
    if case is None:
        return
    case.history = [*case.history, [at.isoformat(), host.state, state, because]][-MOST_HISTORY:]
    if state == "suspect":
        case.watch_until = None
    if state in ("verified", "watch") and case.watch_until is None:
        case.watch_until = at + timedelta(minutes=read_config(headquarters_folder()).watch_minutes)
    if state == "closed":
        case.closed_at = at
    case.save(update_fields=["history", "watch_until", "closed_at"])
