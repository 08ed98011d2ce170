"""What people say of a machine: tags, who owns it, and whether it is cleaned, rebuilt, or lived with."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from codered.model.errors import Refused, WrongUse
from codered_hq.console.acting import STATUSES, action
from codered_hq.console.machines.host import demand_host, gather
from codered_hq.console.machines.showing import go_to, show
from codered_hq.console.viewing import Viewer
from codered_hq.gate.marking import Marks, mark
from codered_hq.hosts.models import CRITICALITIES
from codered_hq.incidents.treatments import Grounds, find_decision, treat
from codered_hq.model.crisis import TREATMENTS
from codered_hq.reporting.treatment_advice import advise

_CLAIMS = ("owner", "site", "criticality", "system", "product")
LONGEST = 255


@action
def tag_host(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Add a tag, or take one away; the other button is its undo."""
    viewer.demand_team()
    found = demand_host(pk)
    add = [text] if (text := request.POST.get("add", "").strip()) else []
    remove = [text] if (text := request.POST.get("remove", "").strip()) else []
    if not (add or remove):
        raise WrongUse("no tag is named", where=found.label, advice="write one word: letters, digits, - _ . :")
    mark([found], Marks(add, remove), viewer.speaker, viewer.at)
    messages.success(request, f"tagged {add[0]}" if add else f"tag {remove[0]} taken away")
    return go_to(f"{reverse('host', args=[pk])}#tags")


@action
def mark_host(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Say by hand what is to hold of it; that outranks every source."""
    viewer.demand_team()
    found = demand_host(pk)
    said = {kind: text[:LONGEST] for kind in _CLAIMS if (text := request.POST.get(kind, "").strip())}
    if not said:
        raise WrongUse("nothing is said", where=found.label, advice="fill in at least one field")
    if said.get("criticality", "normal") not in dict(CRITICALITIES):
        raise WrongUse("is no criticality", where=said["criticality"][:80], advice="low, normal, high or vital")
    mark([found], Marks(said=said), viewer.speaker, viewer.at)
    messages.success(request, f"{', '.join(said)} noted; what else sources say stays beside it")
    return go_to(f"{reverse('host', args=[pk])}#claims")


@action
def treat_host(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """Clean, rebuild or live with it. Decided anew, the earlier decision stays readable; `seen` is that which was shown
    as holding.
    """
    viewer.demand_team()
    found, incident, given = demand_host(pk), viewer.incident, request.POST
    if incident is None or incident.closed_at is not None:
        raise WrongUse("no incident is open", where=found.label, advice="declare one, or choose the one that is meant")
    before = find_decision(found, incident)
    if given.get("seen", "") != (str(before.pk) if before else ""):
        held = f"{before.treatment.replace('_', ' ')}, by {before.decided_by}" if before else "nothing"
        return _ask_again(request, viewer, pk, WrongUse(f"somebody decided meanwhile: {held}", where=found.label))
    try:
        made = treat(incident, found, _read_grounds(request, advise(found)), viewer.speaker, viewer.at)
    except (Refused, WrongUse) as error:
        return _ask_again(request, viewer, pk, error)
    messages.success(request, f"decided: {made.treatment.replace('_', ' ')}; decide again to change it")
    return go_to(f"{reverse('host', args=[pk])}#treatment")


def _ask_again(request: HttpRequest, viewer: Viewer, pk: int, error: Refused | WrongUse) -> HttpResponse:
    """The page with what was typed, and why it was not taken."""
    context = gather(demand_host(pk), viewer) | {"typed": request.POST.dict(), "treat_problem": error}
    return show(request, "host.html", context, STATUSES[type(error)])


def _read_grounds(request: HttpRequest, advice: tuple[str, ...]) -> Grounds:
    given = request.POST
    treatment = next((each for each in TREATMENTS if each == given.get("treatment")), None)
    if treatment is None:
        raise WrongUse("no treatment is chosen", where="treatment", advice="clean, rebuild, or live with it")
    holds = {"yes": True, "no": False}
    return Grounds(
        treatment=treatment, reasons=given.get("reasons", ""), advice=advice,
        infected_since=given.get("infected_since", ""), other_malware=given.get("other_malware", ""),
        confidence=given.get("confidence", "medium"), damage=given.get("damage", ""),
        outage_cost=given.get("outage_cost", ""), legal_hold=holds.get(given.get("legal_hold", "")),
    )  # fmt: skip
