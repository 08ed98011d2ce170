"""What was found on hosts: the list, and each finding with its evidence."""

from typing import Any, get_args

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from codered.model.errors import WrongUse
from codered.model.finding import CONFIDENCES, SEVERITIES, Layer
from codered_hq.accounts.auditing import note_view
from codered_hq.console.acting import page
from codered_hq.console.machines.finding_evidence import explain
from codered_hq.console.machines.paging import cut, read_rows
from codered_hq.console.machines.showing import show
from codered_hq.console.viewing import Viewer
from codered_hq.fleet.models import StoredFinding

FIELDS = ("fits", "pack", "confidence", "severity", "layer", "still", "host")
LONGEST = 255
MOST_SAME = 50
MOST_PACKS = 200
_PACKS = """
    WITH RECURSIVE found(pack) AS (
        SELECT min(pack) FROM {table}
        UNION ALL SELECT (SELECT min(pack) FROM {table} WHERE pack > found.pack) FROM found WHERE found.pack IS NOT NULL
    ) SELECT pack FROM found WHERE pack IS NOT NULL LIMIT %s
"""


@page
def findings(request: HttpRequest, _viewer: Viewer) -> HttpResponse:
    """The list; without ?still= what is still there."""
    return show(request, "findings.html", list_findings(request) | {"choices": list_choices()})


@page
def part_findings(request: HttpRequest, _viewer: Viewer) -> HttpResponse:
    """The list alone, as it is now."""
    return show(request, "part_findings.html", list_findings(request))


@page
def finding(request: HttpRequest, viewer: Viewer, pk: int) -> HttpResponse:
    """One finding with its evidence; that it was looked at is entered in the ledger."""
    row = StoredFinding.objects.select_related("host", "report").filter(pk=pk).first()
    if row is None:
        raise WrongUse("there is no such finding", where=f"#{pk}", advice="the list of findings has those there are")
    same = StoredFinding.objects.filter(pack=row.pack, indicator=row.indicator, gone_at=None).exclude(host=row.host)
    explained = explain(row)
    if explained.proofs:
        note_view(viewer.name, f"the evidence of finding #{row.pk} ({row.pack} {row.indicator})"[:LONGEST],
                  f"host {row.host.label} (#{row.host_id})", viewer.at)  # fmt: skip
    context = {
        "row": row, "explained": explained, "same": same.select_related("host").order_by("-last_seen")[:MOST_SAME],
        "same_count": same.order_by().values("host").distinct().count(),
    }  # fmt: skip
    return show(request, "finding.html", context)


def list_findings(request: HttpRequest) -> dict[str, Any]:
    """A page of those that fit, the newest first."""
    asked = {name: request.GET.get(name, "").strip()[:LONGEST] for name in FIELDS}
    rows = StoredFinding.objects.select_related("host")
    return {
        "asked": asked, "page": cut(_find(asked), request.GET, read_rows(rows)), "query": request.GET.urlencode(),
    }  # fmt: skip


def list_choices() -> dict[str, Any]:
    """What the selects of the filter offer."""
    return {"pack": list_packs(), "layer": get_args(Layer), "confidence": CONFIDENCES, "severity": SEVERITIES}


def list_packs() -> list[str]:
    """The packs that findings are of, by name, at most 200. It goes from each name to the next in the index: with a
    million findings DISTINCT reads them all.
    """
    table = connection.ops.quote_name(StoredFinding._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(_PACKS.format(table=table), [MOST_PACKS])
        return [str(row[0]) for row in cursor.fetchall()]


def _find(asked: dict[str, str]) -> "QuerySet[StoredFinding]":
    found = StoredFinding.objects.order_by("-pk")
    for name in ("pack", "confidence", "severity", "layer"):
        if asked[name]:
            found = found.filter(**{name: asked[name]})
    if asked["host"].isdecimal() and asked["host"].isascii():
        found = found.filter(host=int(asked["host"][:12]))
    if asked["fits"]:
        text = asked["fits"]
        found = found.filter(subject__icontains=text) | found.filter(indicator__icontains=text)
    if asked["still"] not in ("", "gone", "all"):
        raise WrongUse("is none of them", where=asked["still"][:40], advice="choose there, gone or all")
    if asked["still"] == "all":
        return found
    return found.exclude(gone_at=None) if asked["still"] == "gone" else found.filter(gone_at=None)
