"""What happened, in its order: the ledger, the runs on the fleet, and how hosts changed their state."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.db.models import Q

from codered_hq.fleet.models import FleetRun, HostCase
from codered_hq.incidents.models import Incident
from codered_hq.ledger.models import LedgerEntry

TIMELINE_FORMAT = "codered/timeline/1"
MOST_CASES = 100_000


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `source` ledger, fleet or host; `number` is the entry's place in the ledger, 0 = not from there."""

    at: datetime
    source: str
    kind: str
    who: str
    what: str
    number: int = 0


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """A whole one, as it is given to programs."""

    format: str
    incident: str
    drill: bool
    happenings: tuple[Happening, ...]


def make_timeline(incident: Incident, since: datetime, until: datetime) -> Timeline:
    """All that happened from one time to another (both aware), oldest first."""
    found = (
        *_read_ledger(incident, since, until),
        *_read_runs(incident, since, until),
        *_read_hosts(incident, since, until),
    )
    ordered = tuple(sorted(found, key=lambda each: (each.at, each.number)))
    return Timeline(format=TIMELINE_FORMAT, incident=incident.name, drill=incident.drill, happenings=ordered)


def _read_ledger(incident: Incident, since: datetime, until: datetime) -> Iterator[Happening]:
    """Of this incident, and of none where it is about everybody: rules, roster."""
    meant = Q(incident=incident.name) | Q(incident="", kind__in=("rules", "roster", "glass"))
    rows = LedgerEntry.objects.filter(meant, at__gte=since, at__lte=until).order_by("seq")
    for row in rows.values("seq", "at", "kind", "who", "what").iterator():
        yield Happening(
            at=row["at"], source="ledger", kind=row["kind"], who=row["who"], what=row["what"], number=row["seq"]
        )


def _read_runs(incident: Incident, since: datetime, until: datetime) -> Iterator[Happening]:
    meant = Q(incident=incident.name) if incident.drill else Q(incident=incident.name) | Q(incident="")
    for run in FleetRun.objects.filter(meant, started__gte=since, started__lte=until).order_by("pk"):
        hosts = run.hosts.count()
        what = f"fleet {run.word} {run.uid[:8]} began on {hosts:,} hosts"
        yield Happening(at=run.started, source="fleet", kind=run.word, who="", what=what)
        if run.ended and run.ended <= until:
            answered = run.hosts.filter(state="answered").count()
            what = f"fleet {run.word} {run.uid[:8]} ended: {answered:,} of {hosts:,} hosts answered"
            yield Happening(at=run.ended, source="fleet", kind=run.word, who="", what=what)


def _read_hosts(incident: Incident, since: datetime, until: datetime) -> Iterator[Happening]:
    """A drill changes no host; what really happens beside it is no part of it."""
    if incident.drill:
        return
    cases = HostCase.objects.filter(Q(closed_at=None) | Q(closed_at__gte=since), opened_at__lte=until)
    for case in cases.select_related("host").order_by("pk")[:MOST_CASES]:
        if since <= case.opened_at:
            what = f"{case.host.label} is ill: {case.because}"
            yield Happening(at=case.opened_at, source="host", kind="opened", who="", what=what)
        for line in case.history:
            if (at := _read_time(line)) is not None and since <= at <= until:
                what = f"{case.host.label}: {' -> '.join(map(str, line[1:-1]))} ({line[-1]})"
                yield Happening(at=at, source="host", kind=str(line[-2]), who="", what=what)


def _read_time(line: object) -> datetime | None:
    """The history is a list of [time, from, to, because]; a line of another form is passed over."""
    if not isinstance(line, list) or len(line) < 3:
        return None
    try:
        at = datetime.fromisoformat(str(line[0]))
    except ValueError:
        return None
    return at if at.tzinfo else None
