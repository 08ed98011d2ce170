"""How an incident went, in the few facts that all ask for: how it came in, how far it spread, when it was cut off and
clean, what came back, and what is changed because of it.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max, Min, Q

from codered_hq.containment.models import Containment
from codered_hq.fleet.models import HostCase
from codered_hq.hosts.models import Host
from codered_hq.incidents.current import is_beside
from codered_hq.incidents.models import Incident
from codered_hq.reporting.document import Learned, Returned, Story

ILL = ("infected", "suspect", "contained", "cleaned")
CURED = ("cleaned", "verified", "watch", "closed")
WAY_IN = "way-in"
"""The action of the task that asks how a threat came in; its result is the answer."""
MOST = 20


def make_story(incident: Incident, at: datetime) -> Story:
    """What is known of it at this time (aware). Of a drill beside the real thing no machine is part."""
    beside = is_beside(incident)
    cases = [] if beside else list(_find_cases(incident))
    ill = [] if beside else list(Host.objects.filter(state__in=ILL).order_by("label").values_list("label", flat=True))
    found = sorted((case.opened_at, case.host.label) for case in cases)
    hosts = {case.host_id for case in cases} | set(incident.host_decisions.values_list("host_id", flat=True))
    held = Containment.objects.filter(incident=incident.name, held_at__lte=at)
    times = held.aggregate(first=Min("held_at"), last=Max("held_at"))
    proved = [moment for case in cases for moment, _from, to in _read_history(case) if to == "verified"]
    answers = incident.tasks.filter(action=WAY_IN, state="done").exclude(result="").order_by("pk")
    return Story(
        way_in=tuple(answers.values_list("result", flat=True)[:MOST]),
        first_at=found[0][0] if found else None, first_host=found[0][1] if found else "", affected=len(hosts),
        cut_off_ill=held.filter(host__in=hosts).values("host").distinct().count(),
        cut_off=held.exclude(host=None).values("host").distinct().count(), cut_off_first=times["first"],
        cut_off_last=times["last"], clean_at=max(proved, default=None),
        ill=tuple(ill[:MOST]), ill_of=len(ill), returned=tuple(_list_returned(cases))[:MOST],
        learned=tuple(_list_learned(incident))[:MOST],
    )  # fmt: skip


def _find_cases(incident: Incident) -> Iterator[HostCase]:
    """Cases that were closed before the incident was declared are of another."""
    rows = HostCase.objects.filter(Q(closed_at=None) | Q(closed_at__gte=incident.declared_at))
    yield from rows.select_related("host").order_by("opened_at", "pk")


def _list_returned(cases: list[HostCase]) -> Iterator[Returned]:
    for case in cases:
        for moment, before, to in _read_history(case):
            if to == "infected" and before in CURED:
                yield Returned(host=case.host.label, at=moment, state=case.host.state)


def _read_history(case: HostCase) -> Iterator[tuple[datetime, str, str]]:
    """When, from which state, to which."""
    for line in case.history if isinstance(case.history, list) else ():
        if isinstance(line, list) and len(line) > 2:
            yield datetime.fromisoformat(str(line[0])), str(line[1]), str(line[2])


def _list_learned(incident: Incident) -> Iterator[Learned]:
    for row in incident.lessons.order_by("pk"):
        done = row.state != "open"
        yield Learned(text=row.text, owner=row.owner, due_at=row.due_at, control=row.control, done=done)
