"""One machine over time: who it is, where it stands, what was found on it, and what was done to it."""

from typing import Any

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse

from codered.model.errors import WrongUse
from codered_hq.console.acting import page
from codered_hq.console.machines.showing import show
from codered_hq.console.viewing import Viewer
from codered_hq.containment.models import Containment
from codered_hq.containment.views import view
from codered_hq.fleet.models import HostRun
from codered_hq.gate.models import Decision
from codered_hq.gate.showing import view_decision
from codered_hq.hosts.models import CRITICALITIES, Host
from codered_hq.incidents.treatments import find_decision
from codered_hq.model.crisis import TREATMENTS
from codered_hq.reporting.treatment_advice import advise
from codered_hq.sweeps.swept_hosts import view_swept_hosts

MOST = 50
_FEW = 20


@page
def host(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """The page of one host."""
    found = demand_host(pk)
    return show(request, "host.html", gather(found, viewer))


@page
def part_host(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """How it is now: the part of its page that changes by itself."""
    return show(request, "part_host.html", gather_now(demand_host(pk), viewer))


def demand_host(pk: int) -> Host:
    """Raises WrongUse if there is none."""
    found = Host.objects.select_related("owner").filter(pk=pk).first()
    if found is None:
        raise WrongUse("there is no such host", where=f"#{pk}", advice="the list of hosts has those that are known")
    return found


def gather(found: Host, viewer: Viewer) -> dict[str, Any]:
    """All that its page tells."""
    (seen,) = view_swept_hosts(Host.objects.filter(pk=found.pk))
    return {
        **gather_now(found, viewer), **_gather_work(found), "seen": seen,
        "identifiers": found.identifiers.order_by("kind", "value"),
        "places": found.places.order_by("-last_seen")[:MOST],
        "claims": found.claims.order_by("kind", "-last_seen")[:MOST * 2],
        "tags": found.tags.order_by("name"), "criticalities": [name for name, _ in CRITICALITIES],
        "treatments": TREATMENTS, "treatment": find_decision(found, viewer.incident), "advice": advise(found),
    }  # fmt: skip


def gather_now(found: Host, viewer: Viewer) -> dict[str, Any]:
    """Its state, what cuts it off, and what waits for somebody."""
    rows = Containment.objects.filter(host=found).select_related("decision", "host", "follows").order_by("-pk")
    near = Q(target=f"host #{found.pk}") | Q(reservations__machine=f"#{found.pk}") | Q(containments__host=found)
    decisions = Decision.objects.filter(near).select_related("requester").distinct().order_by("-pk")[:_FEW]
    containments = [view(row, viewer.at) for row in rows[:MOST]]
    return {
        "host": found, "cases": found.cases.order_by("-opened_at")[:_FEW],
        "open_findings": found.findings.filter(gone_at=None).count(),
        "held": [each for each in containments if each.state in ("begun", "holding", "undoing", "stuck")],
        "ended": [each for each in containments if each.state in ("failed", "undone")],
        "decisions": [view_decision(each, viewer.at) for each in decisions],
    }  # fmt: skip


def _gather_work(found: Host) -> dict[str, Any]:
    findings = found.findings.order_by(F("gone_at").desc(nulls_first=True), "-last_seen")
    runs = HostRun.objects.filter(host=found).select_related("run").defer("job", "plan", "document").order_by("-pk")
    return {
        "findings": findings[:MOST],
        "finding_count": found.findings.count(),
        "reports": found.reports.defer("document").order_by("-received_at", "-pk")[:_FEW],
        "runs": runs[:_FEW],
        "plans": runs.filter(run__word="plan", state="answered").exclude(plan=None)[:_FEW],
        "records": found.evidence.select_related("incident").order_by("-at")[:_FEW],
        "treated": found.decisions.select_related("incident").order_by("-at")[:_FEW],
    }  # fmt: skip
