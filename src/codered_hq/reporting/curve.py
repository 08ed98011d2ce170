"""The outbreak curve: how many hosts had been found infected, contained and verified clean by when."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Min, Q

from codered_hq.containment.models import Containment
from codered_hq.fleet.models import HostCase
from codered_hq.incidents.models import Incident
from codered_hq.reporting.document import Curve

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
SPANS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 24, 24 * 7, 24 * 30))
FINE_SPANS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30), *SPANS)
MOST_SPANS = 96
LONGEST = timedelta(days=365 * 5)
_SERIES = ("infected", "contained", "verified")


def make_curve(incident: Incident, at: datetime, spans: tuple[timedelta, ...] = SPANS) -> Curve | None:
    """The curve up to this time (aware), by the first of `spans` (which go into a day, or are days) of which there are
    few enough; None where nothing was found. Cases that were closed before the incident was declared are of another.
    """
    first = _find_first_times(incident, at)
    times = [time for series in first.values() for time in series.values()]
    if not times:
        return None
    span = next((each for each in spans if _count_spans(min(times), at, each) <= MOST_SPANS), spans[-1])
    start = _begin_span(min(times), span)
    number = min(_count_spans(start, at, span), int(LONGEST / span))
    infected, contained, verified = (_add_up(first[name].values(), start, span, number) for name in _SERIES)
    return Curve(
        start=start, hours=span // _HOUR, minutes=span % _HOUR // timedelta(minutes=1),
        infected=infected, contained=contained, verified=verified,
    )  # fmt: skip


def _find_first_times(incident: Incident, at: datetime) -> dict[str, dict[int, datetime]]:
    """When each host (by its number) first was found infected, contained, verified."""
    first: dict[str, dict[int, datetime]] = {name: {} for name in _SERIES}
    for state, host, time in _list_moments(incident):
        if state in first and at - LONGEST < time <= at:
            first[state][host] = min(first[state].get(host, time), time)
    return first


def _list_moments(incident: Incident) -> Iterator[tuple[str, int, datetime]]:
    cases = HostCase.objects.filter(Q(closed_at=None) | Q(closed_at__gte=incident.declared_at))
    for host, opened, history in cases.values_list("host_id", "opened_at", "history").iterator(2000):
        yield "infected", host, opened
        for line in history if isinstance(history, list) else ():
            if len(line) > 2 and line[2] in ("contained", "verified"):
                yield line[2], host, datetime.fromisoformat(line[0])
    held = Containment.objects.filter(incident=incident.name).exclude(host=None).exclude(held_at=None)
    for host, time in held.order_by().values_list("host_id").annotate(Min("held_at")):
        yield "contained", host, time


def _begin_span(time: datetime, span: timedelta) -> datetime:
    """Spans begin with the day (UTC), or so many of them after it."""
    day = time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if span >= _DAY else day + (time - day) // span * span


def _count_spans(start: datetime, at: datetime, span: timedelta) -> int:
    return int((at - _begin_span(start, span)) / span) + 1


def _add_up(times: Iterable[datetime], start: datetime, span: timedelta, number: int) -> tuple[int, ...]:
    counts = [0] * number
    for time in times:
        counts[min(max(int((time - start) / span), 0), number - 1)] += 1
    total, sums = 0, []
    for each in counts:
        total += each
        sums.append(total)
    return tuple(sums)
