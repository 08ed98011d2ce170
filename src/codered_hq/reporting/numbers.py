"""The five numbers of an incident, counted in the database."""

from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q

from codered_hq.fleet.models import HostCase, HostRun, StoredReport
from codered_hq.fleet.vouching import BY_A_PERSON
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Incident
from codered_hq.reporting.document import Numbers
from codered_hq.sweeps.coverage import COVERED, Coverage, CoveredSubnet, measure_coverage

VERIFIED = ("verified", "watch", "closed")


def count_numbers(incident: Incident, at: datetime, coverage: Coverage | None = None) -> Numbers:
    """Infected, contained, verified clean, not reached, awaiting approval, at this time (aware). `coverage` is what the
    sweeps reached if it was measured already. What was looked at or proved before the incident was declared does
    not count.
    """
    states = dict(Host.objects.values_list("state").annotate(Count("pk")))
    newest = HostRun.objects.order_by().values("host").annotate(newest=Max("pk")).values("newest")
    answered = HostRun.objects.filter(pk__in=newest, state="answered", ended__gte=incident.declared_at)
    counted = answered.aggregate(
        reached=Count("pk"), partly=Count("pk", filter=Q(verdict="incomplete") | Q(joined__contains="not reached"))
    )
    seen = StoredReport.objects.filter(key=BY_A_PERSON, partial=False, received_at__gte=incident.declared_at)
    hosts = sum(states.values())
    sick = Exists(HostCase.objects.filter(host=OuterRef("pk"), closed_at=None))
    contained, proved = Q(state="contained"), Q(state__in=VERIFIED, state_since__gte=incident.declared_at)
    held = Host.objects.aggregate(
        infected=Count("pk", filter=contained & Q(sick)), verified=Count("pk", filter=proved),
        suspect=Count("pk", filter=contained & ~Q(sick) & ~Q(suspected_at=[])),
        brought=Count("pk", filter=Q(pk__in=seen.values("host")) & ~Q(pk__in=answered.values("host"))),
    )  # fmt: skip
    measured = coverage or measure_coverage(at)
    return Numbers(
        hosts=hosts, infected=states.get("infected", 0), contained=states.get("contained", 0),
        verified=held["verified"], not_reached=hosts - counted["reached"] - held["brought"],
        awaiting=count_waiting(incident, at), suspect=states.get("suspect", 0), cleaned=states.get("cleaned", 0),
        partly=counted["partly"], addresses=sum(each.total for each in list_parts(measured)),
        not_covered=sum(map(count_missing, list_parts(measured))) + len(measured.outside),
        contained_infected=held["infected"], contained_suspect=held["suspect"],
    )  # fmt: skip


def count_waiting(incident: Incident, at: datetime) -> int:
    """The decisions that wait for a yes: of this incident, and those that are of none."""
    waiting = Decision.objects.filter(Q(expires_at__gt=at) | Q(expires_at=None), state="awaiting")
    return waiting.filter(incident__in=(incident.name, "")).count()


def list_parts(coverage: Coverage) -> tuple[CoveredSubnet, ...]:
    """Every subnet, documented or only seen."""
    return (*coverage.subnets, *coverage.unknown)


def count_missing(subnet: CoveredSubnet) -> int:
    """How many of its addresses no sweep covers. One that is too large to count has at least the one it is."""
    missing = sum(number for state, number in subnet.counts.items() if state not in COVERED)
    return missing or (0 if subnet.complete else 1)
