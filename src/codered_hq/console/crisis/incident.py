"""The incident that is looked at, the list of all, and what is decided about its hosts."""

from typing import Any

from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from codered.model.errors import CodeRedError
from codered_hq.console.acting import page
from codered_hq.console.crisis.answering import A_PAGE, cut_page, find_status, mark
from codered_hq.console.crisis.forms import ChangeForm, DeclareForm, ImpactForm
from codered_hq.console.viewing import Viewer
from codered_hq.fleet.models import StoredFinding
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import HostDecision, Incident
from codered_hq.incidents.roster import view_roster
from codered_hq.incidents.tasks import LIVE
from codered_hq.model.crisis import STEPS

MOST_PACKS = 12


@never_cache
@page
def show_incident(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The whole page."""
    return draw_incident(request, viewer)


@never_cache
@page
def show_incident_part(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What changes of it while one looks."""
    return render(request, "console/crisis/incident_part.html", _find_standing(viewer))


@never_cache
@page
def show_declare(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The form, and what is known now beside it."""
    return draw_declare(request, viewer, DeclareForm())


def draw_incident(
    request: HttpRequest, viewer: Viewer, problem: CodeRedError | None = None, **forms: Any
) -> HttpResponse:
    """The page as things are now; `forms` (change, impact) keep what was typed."""
    incident = viewer.incident
    every = Incident.objects.annotate(open_tasks=Count("tasks", filter=Q(tasks__state__in=LIVE)))
    context = _find_standing(viewer) | {
        "problem": problem,
        "others": cut_page(request, every.order_by(F("closed_at").desc(nulls_first=True), "-pk")),
    }
    if incident is not None:
        decided = HostDecision.objects.filter(incident=incident, replaced_at=None).select_related("host")
        context |= {
            "change": forms.get("change") or ChangeForm.of(incident), "impact": forms.get("impact") or ImpactForm(),
            "seen": mark_incident(incident), "treatments": decided.order_by("-at", "-pk")[:A_PAGE],
            "treatments_of": decided.count(),
            "treatment_counts": list(decided.order_by("treatment").values_list("treatment").annotate(Count("pk"))),
        }  # fmt: skip
    status = find_status(problem) if problem else 400 if forms else 200
    return render(request, "console/crisis/incident.html", context, status=status)


def draw_declare(request: HttpRequest, viewer: Viewer, form: DeclareForm, status: int = 200) -> HttpResponse:
    """The form with what was typed."""
    states = dict(Host.objects.values_list("state").annotate(Count("pk")))
    found = StoredFinding.objects.filter(gone_at=None).values("pack").order_by()
    packs = found.annotate(findings=Count("pk"), hosts=Count("host", distinct=True)).order_by("-hosts", "pack")
    context = {
        "form": form, "sick": [(state, states.get(state, 0)) for state in ("infected", "suspect", "contained")],
        "packs": packs[:MOST_PACKS], "hosts": sum(states.values()), "may": bool(viewer.speaker.person),
        "opened": Incident.objects.filter(closed_at=None).order_by("pk"),
    }  # fmt: skip
    return render(request, "console/crisis/declare.html", context, status=status)


def mark_incident(incident: Incident) -> str:
    """What somebody has seen who changes it."""
    fields = ("step", "severity", "tlp", "title", "summary", "impact", "report_every_seconds", "closed_at")
    return mark(*(getattr(incident, name) for name in fields))


def _find_standing(viewer: Viewer) -> dict[str, Any]:
    incident, may = viewer.incident, bool(viewer.speaker.person)
    if incident is None:
        return {"may": may}
    rows = incident.tasks.values("step").order_by("step")
    counted = rows.annotate(live=Count("pk", filter=Q(state__in=LIVE)), done=Count("pk", filter=Q(state="done")))
    counts = {row["step"]: row for row in counted}
    steps = [{"step": step, **counts.get(step, {"live": 0, "done": 0})} for step in STEPS]
    gaps = [view.role for view in view_roster(incident, viewer.at) if view.gap]
    return {
        "steps": steps, "gaps": gaps, "may": may and incident.closed_at is None,
        "commanders": [each.person for view in view_roster(incident, viewer.at) if view.role == "incident_commander" for
                       each in view.holders],
    }  # fmt: skip
