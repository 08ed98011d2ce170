"""What happened, in its order: the ledger, the runs on the fleet, and how hosts changed their state."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Q

from codered_hq.fleet.models import FleetRun, HostCase
from codered_hq.incidents.current import is_beside
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


def list_newest(incident: Incident, at: datetime, most: int) -> tuple[Happening, ...]:
    """The last of what happened until a time (aware), at most so many, the newest first: enough for a glance, and
    cheap however long the incident lasts.
    """
    ledger = LedgerEntry.objects.filter(_of(incident), at__lte=at).order_by("-seq")[:most]
    found = [_tell_entry(row) for row in ledger.values("seq", "at", "kind", "who", "what")]
    runs = FleetRun.objects.filter(_runs_of(incident), started__lte=at).order_by("-pk").values_list("started", "ended")
    since = min((started for started, _ended in runs[:most]), default=at)
    found += _read_runs(incident, since, at)
    if not is_beside(incident):
        cases = HostCase.objects.filter(opened_at__lte=at).select_related("host").order_by("-opened_at", "-pk")[:most]
        moved = HostCase.objects.select_related("host").order_by("-host__state_since", "-pk")
        moved = moved.filter(host__state_since__lte=at)[:most]
        found += [each for case in {*cases, *moved} for each in _tell_case(case, incident.declared_at, at)]
    return tuple(sorted(found, key=lambda each: (each.at, each.number), reverse=True)[:most])


def _of(incident: Incident) -> Q:
    return Q(incident=incident.name) | Q(incident="", kind__in=("rules", "roster", "glass"))


def _runs_of(incident: Incident) -> Q:
    return Q(incident=incident.name) if is_beside(incident) else Q(incident=incident.name) | Q(incident="")


def _tell_entry(row: Mapping[str, Any]) -> Happening:
    said = {name: row[name] for name in ("at", "kind", "who", "what")}
    return Happening(source="ledger", number=row["seq"], **said)


def _read_ledger(incident: Incident, since: datetime, until: datetime) -> Iterator[Happening]:
    """Of this incident, and of none where it is about everybody: rules, roster."""
    rows = LedgerEntry.objects.filter(_of(incident), at__gte=since, at__lte=until).order_by("seq")
    for row in rows.values("seq", "at", "kind", "who", "what").iterator():
        yield _tell_entry(row)


def _read_runs(incident: Incident, since: datetime, until: datetime) -> Iterator[Happening]:
    for run in FleetRun.objects.filter(_runs_of(incident), started__gte=since, started__lte=until).order_by("pk"):
        hosts = run.hosts.count()
        what = f"fleet {run.word} {run.uid[:8]} began on {hosts:,} hosts"
        yield Happening(at=run.started, source="fleet", kind=run.word, who="", what=what)
        if run.ended and run.ended <= until:
            answered = run.hosts.filter(state="answered").count()
            what = f"fleet {run.word} {run.uid[:8]} ended: {answered:,} of {hosts:,} hosts answered"
            yield Happening(at=run.ended, source="fleet", kind=run.word, who="", what=what)


def _read_hosts(incident: Incident, since: datetime, until: datetime) -> Iterator[Happening]:
    """A drill changes no host; what really happens beside it is no part of it."""
    if is_beside(incident):
        return
    cases = HostCase.objects.filter(Q(closed_at=None) | Q(closed_at__gte=since), opened_at__lte=until)
    for case in cases.select_related("host").order_by("pk")[:MOST_CASES]:
        yield from _tell_case(case, since, until)


def _tell_case(case: HostCase, since: datetime, until: datetime) -> Iterator[Happening]:
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
