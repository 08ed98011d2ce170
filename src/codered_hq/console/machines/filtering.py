"""Which hosts a query of the address line means."""

from typing import NamedTuple

from django.db.models import Case, IntegerField, Max, Q, QuerySet, Value, When
from django.http import QueryDict

from codered.model.errors import WrongUse
from codered_hq.containment.goals import HELD
from codered_hq.containment.models import Containment
from codered_hq.fleet.models import HostRun, StoredFinding
from codered_hq.hosts.models import CRITICALITIES, HOST_STATES, AddressUse, Host, Identifier
from codered_hq.hosts.numbers import read_range, to_bounds
from codered_hq.incidents.models import Incident

PROVED = "proved"
"""In place of a state: all that stand for a host that was proved to be clean."""
STATES: dict[str, tuple[str, ...]] = {state: (state,) for state, _ in HOST_STATES} | {
    PROVED: ("verified", "watch", "closed")
}
_WORST = ("infected", "suspect", "contained", "cleaned", "unknown", "watch", "verified", "closed")
_DEAREST = ("vital", "high", "normal", "low")
SORTS: dict[str, str] = {
    "label": "name", "-last_seen": "seen last", "state": "worst first", "criticality": "most critical first",
    "-state_since": "state changed last",
}  # fmt: skip
LONGEST = 255


class HostFilter(NamedTuple):
    """What is asked for; "" = does not matter. `reach` "missed": not answered in its newest run (since the incident was
    declared); `held` "yes": something cuts it off now; `fits` is text in its names, numbers, addresses or owner.
    """

    fits: str = ""
    state: str = ""
    criticality: str = ""
    subnet: str = ""
    site: str = ""
    tag: str = ""
    owner: str = ""
    pack: str = ""
    reach: str = ""
    held: str = ""
    sort: str = "label"


def read_filter(query: QueryDict) -> HostFilter:
    """The filter in a query. Raises WrongUse for a word that is none: it must not read as "there is no such host"."""
    given = {name: query.get(name, "").strip()[:LONGEST] for name in HostFilter._fields if query.get(name, "").strip()}
    found = HostFilter(**given)
    criticalities = [name for name, _ in CRITICALITIES]
    for name, value, known in (
        ("state", found.state, STATES), ("criticality", found.criticality, criticalities), ("sort", found.sort, SORTS),
        ("reach", found.reach, ("missed",)), ("held", found.held, ("yes",)),
    ):  # fmt: skip
        if value and value not in known:
            raise WrongUse(f"is no {name}", where=value[:80], advice=f"choose one of {', '.join(known)}")
    return found


def find_hosts(asked: HostFilter, incident: Incident | None = None) -> "QuerySet[Host]":
    """The hosts that fit, in the order that is asked for. Raises WrongUse for what is no range."""
    found = Host.objects.all()
    if asked.fits:
        found = found.filter(_fits_text(asked.fits))
    if asked.state:
        found = found.filter(state__in=STATES[asked.state])
    for name, value in (("criticality", asked.criticality), ("site", asked.site), ("tags__name", asked.tag)):
        if value:
            found = found.filter(**{name: value})
    if asked.owner:
        found = found.filter(owner__name__icontains=asked.owner)
    if asked.subnet:
        first, last = to_bounds(read_range(asked.subnet))
        uses = AddressUse.objects.filter(number__gte=first, number__lte=last, current=True)
        found = found.filter(pk__in=uses.values("host"))
    if asked.pack:
        found = found.filter(pk__in=StoredFinding.objects.filter(pack=asked.pack, gone_at=None).values("host"))
    if asked.held:
        found = found.filter(pk__in=Containment.objects.filter(state__in=HELD).exclude(host=None).values("host"))
    if asked.reach:
        found = found.exclude(pk__in=_find_reached(incident).values("host"))
    return _sort(found, asked.sort)


def _fits_text(text: str) -> Q:
    known = Identifier.objects.filter(value__icontains=text)
    uses = AddressUse.objects.filter(Q(address__icontains=text) | Q(mac__icontains=text))
    fits = Q(label__icontains=text) | Q(owner__name__icontains=text)
    return fits | Q(pk__in=known.values("host")) | Q(pk__in=uses.values("host"))


def _find_reached(incident: Incident | None) -> "QuerySet[HostRun]":
    """As the incident's numbers count it: answered in its newest run, and that since the incident was declared."""
    newest = HostRun.objects.order_by().values("host").annotate(newest=Max("pk")).values("newest")
    answered = HostRun.objects.filter(pk__in=newest, state="answered")
    return answered.filter(ended__gte=incident.declared_at) if incident else answered


def _sort(found: "QuerySet[Host]", sort: str) -> "QuerySet[Host]":
    if sort in ("state", "criticality"):
        order = _WORST if sort == "state" else _DEAREST
        ranks = [When(**{sort: value}, then=Value(rank)) for rank, value in enumerate(order)]
        worst = Case(*ranks, default=Value(len(order)), output_field=IntegerField())
        return found.annotate(rank=worst).order_by("rank", "label", "pk")
    return found.order_by(sort, *(() if sort == "label" else ("label",)), "pk")
