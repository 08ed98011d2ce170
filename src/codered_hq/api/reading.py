"""GET: hosts, findings, the status of the incident, actions."""

from typing import Annotated, Any, Final, Literal

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Schema
from pydantic import Field

from codered.model.errors import WrongUse
from codered_hq.api.bodies import show_json
from codered_hq.api.describing import describe
from codered_hq.api.documents import ActionPage, ActionView, FindingPage, FindingView, HostPage
from codered_hq.api.errors import NotThere
from codered_hq.api.proving import BearerToken, Caller
from codered_hq.containment.views import view
from codered_hq.fleet.models import StoredFinding
from codered_hq.gate.models import Decision
from codered_hq.gate.showing import view_decision
from codered_hq.hosts.finding import Selection, select_hosts
from codered_hq.hosts.models import Host
from codered_hq.hosts.views import HostView, view_hosts
from codered_hq.incidents.current import SeveralOpen, find_incident
from codered_hq.reporting.document import StatusReport
from codered_hq.reporting.gathering import make_status

MOST_ROWS = 200
_MOST_NUMBER: Final = (1 << 63) - 1

Word = Annotated[str, Field(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
Number = Annotated[int, Path(ge=1, le=_MOST_NUMBER)]
State = Literal["", "unknown", "suspect", "infected", "contained", "cleaned", "verified", "watch", "closed"]
router = Router()


class Page(Schema):
    """Which part of a list: `cursor` is the `next` of the page before."""

    cursor: Annotated[str, Field(max_length=19, pattern=r"^(0|[1-9][0-9]{0,17})?$")] = ""
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50


class HostFilter(Page):
    """Every given mark must fit."""

    state: State = ""
    criticality: Literal["", "low", "normal", "high", "vital"] = ""
    subnet: Word = ""
    tag: Word = ""
    owner: Word = ""
    site: Word = ""
    zone: Word = ""


class FindingFilter(Page):
    """Every given mark must fit; `open`: not proved to be gone."""

    host: Annotated[int, Field(ge=0, le=_MOST_NUMBER)] = 0
    pack: Word = ""
    confidence: Literal["", "confirmed", "likely", "suspicious"] = ""
    severity: Literal["", "critical", "high", "medium", "low"] = ""
    open: bool = False


class ActionFilter(Page):
    """Every given mark must fit."""

    state: Literal["", "allowed", "awaiting", "refused", "vetoed", "expired", "void", "taken"] = ""
    incident: Word = ""


class IncidentChoice(Schema):
    """Which incident; "" = the only open one."""

    incident: Word = ""


@router.get("/hosts", auth=BearerToken("hosts:read"), **describe("list_hosts", {200: HostPage}, "400 404"))
def list_hosts(request: HttpRequest, given: Query[HostFilter]) -> HttpResponse:
    """Hosts by number, with all that is known of each."""
    demand_known(request, HostFilter)
    names = ("state", "criticality", "owner", "site", "zone")
    marks: dict[str, Any] = {name: getattr(given, name) for name in names}
    marks |= {name + "s": (value,) if (value := getattr(given, name)) else () for name in ("tag", "subnet")}
    try:
        found = select_hosts(Selection(**marks))
    except WrongUse as error:
        raise NotThere(error.what, where=error.where, advice=error.advice) from None
    rows, after = cut_page(found.order_by("pk"), given)
    shown = Host.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk")
    return show_json(HostPage(hosts=tuple(view_hosts(shown)), total=found.count(), next=after))


@router.get("/hosts/{number}", auth=BearerToken("hosts:read"), **describe("show_host", {200: HostView}, "400 404"))
def show_host(request: HttpRequest, number: Number) -> HttpResponse:
    """One host."""
    demand_known(request, None)
    for found in view_hosts(Host.objects.filter(pk=number)):
        return show_json(found)
    raise NotThere("no such host", where=f"host {number}", advice="GET hosts lists them")


@router.get("/findings", auth=BearerToken("findings:read"), **describe("list_findings", {200: FindingPage}, "400"))
def list_findings(request: HttpRequest, given: Query[FindingFilter]) -> HttpResponse:
    """Findings by number, each once from first to last sight."""
    demand_known(request, FindingFilter)
    found = StoredFinding.objects.select_related("host", "report").defer("report__document")
    marks = {"host": given.host, "pack": given.pack, "confidence": given.confidence, "severity": given.severity}
    found = found.filter(**{name: value for name, value in marks.items() if value})
    found = found.filter(gone_at=None) if given.open else found
    rows, after = cut_page(found.order_by("pk"), given)
    return show_json(FindingPage(findings=tuple(map(_view_finding, rows)), total=found.count(), next=after))


@router.get(
    "/findings/{number}", auth=BearerToken("findings:read"), **describe("show_finding", {200: FindingView}, "400 404")
)
def show_finding(request: HttpRequest, number: Number) -> HttpResponse:
    """One finding."""
    demand_known(request, None)
    row = StoredFinding.objects.select_related("host", "report").defer("report__document").filter(pk=number).first()
    if row is None:
        raise NotThere("no such finding", where=f"finding {number}", advice="GET findings lists them")
    return show_json(_view_finding(row))


@router.get(
    "/incidents/current/status",
    auth=BearerToken("status:read"),
    **describe("show_status", {200: StatusReport}, "400 404 409"),
)
def show_status(request: HttpRequest, given: Query[IncidentChoice]) -> HttpResponse:
    """The status document of an incident, as `codered incident status --json`."""
    demand_known(request, IncidentChoice)
    try:
        incident = find_incident(given.incident)
    except SeveralOpen:
        raise
    except WrongUse as error:
        raise NotThere(error.what, where=error.where, advice=error.advice) from None
    return show_json(make_status(incident, get_caller(request).at))


@router.get("/actions", auth=BearerToken("actions:read"), **describe("list_actions", {200: ActionPage}, "400"))
def list_actions(request: HttpRequest, given: Query[ActionFilter]) -> HttpResponse:
    """What was asked of the rules, what they answered, and what was done; the newest first."""
    demand_known(request, ActionFilter)
    found = Decision.objects.select_related("requester")
    marks = {"state": given.state, "incident": given.incident}
    found = found.filter(**{name: value for name, value in marks.items() if value})
    rows, after = cut_page(found.order_by("-pk"), given, down=True)
    actions = tuple(view_action(row, get_caller(request)) for row in rows)
    return show_json(ActionPage(actions=actions, total=found.count(), next=after))


@router.get("/actions/{uid}", auth=BearerToken("actions:read"), **describe("show_action", {200: ActionView}, "400 404"))
def show_action(request: HttpRequest, uid: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]) -> HttpResponse:
    """One decision by its uid."""
    demand_known(request, None)
    row = Decision.objects.select_related("requester").filter(uid=uid).first()
    if row is None:
        raise NotThere("no such action", where=uid, advice="GET actions lists them")
    return show_json(view_action(row, get_caller(request)))


def view_action(decision: Decision, caller: Caller) -> ActionView:
    """A decision as it is now, with its containments."""
    rows = decision.containments.select_related("decision", "host", "follows").order_by("pk")
    return ActionView(
        decision=view_decision(decision, caller.at), containments=tuple(view(row, caller.at) for row in rows)
    )


def get_caller(request: HttpRequest) -> Caller:
    """Who was proved."""
    caller: Caller = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    return caller


def demand_known(request: HttpRequest, kind: type[Schema] | None) -> None:
    """Raises WrongUse for a parameter that the operation has not, or that is given twice: a mistyped filter must not
    read as none.
    """
    known = set(kind.model_fields) if kind else set()
    for name, values in request.GET.lists():
        if name not in known or len(values) > 1:
            what = "is given twice" if name in known else "is no parameter of this"
            raise WrongUse(
                what, where=ascii(name[:60])[1:-1], advice=f"there are: {', '.join(sorted(known)) or 'none'}"
            )


def cut_page(rows: "QuerySet[Any]", page: Page, *, down: bool = False) -> tuple[list[Any], str]:
    """The rows of a page, and the cursor of the next."""
    if page.cursor:
        rows = rows.filter(pk__lt=int(page.cursor)) if down else rows.filter(pk__gt=int(page.cursor))
    found: list[Model] = list(rows[: page.limit + 1])
    shown = found[: page.limit]
    return shown, str(shown[-1].pk) if len(found) > page.limit else ""


def _view_finding(row: StoredFinding) -> FindingView:
    return FindingView(
        number=row.pk, host=row.host_id, host_name=row.host.label, pack=row.pack, indicator=row.indicator,
        layer=row.layer, confidence=row.confidence, severity=row.severity, subject_kind=row.subject_kind,
        subject=row.subject, first_seen=row.first_seen, last_seen=row.last_seen, gone_at=row.gone_at,
        report=row.report.uid,
    )  # fmt: skip
