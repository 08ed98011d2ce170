"""Which report a host's plan is made from, and which plan it is given back: always a stored one, never one by hand."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.response import Verification
from codered_hq.fleet.ingesting import read_document
from codered_hq.fleet.models import HostRun, StoredReport
from codered_hq.fleet.plan_documents import read_plan_document
from codered_hq.fleet.running import PlanDocument
from codered_hq.hosts.models import Host


class Given(NamedTuple):
    """Documents for hosts by their number, and of the others (by label) why there is none."""

    documents: dict[int, PlanDocument]
    left_out: tuple[tuple[str, str], ...]


def find_reports(hosts: Sequence[Host]) -> Given:
    """For each host its newest report, if that has findings: what a plan is made from."""
    documents, left_out = {}, []
    for host in hosts:
        stored = host.reports.filter(word__in=("scan", "verify")).order_by("-received_at", "-pk").first()
        if stored is None:
            left_out.append((host.label, "it has no report; scan it first"))
        elif not (report := _read_findings(stored)):
            left_out.append((host.label, "its newest report has no findings"))
        else:
            documents[host.pk] = PlanDocument(b"", "", report)
    return Given(documents, tuple(left_out))


def find_plans(hosts: Sequence[Host], word: str = "plan", uid: str = "") -> Given:
    """For each host the newest plan that it made (`word` "plan") or was sent ("apply"), or the one of this run."""
    documents, left_out = {}, []
    rows = HostRun.objects.filter(host__in=[host.pk for host in hosts], run__word=word).exclude(plan=None)
    rows = rows.filter(run__uid=uid) if uid else rows
    newest: dict[int, HostRun] = {}
    for row in rows.exclude(state__in=("queued", "given_up") if word == "plan" else ()).order_by("pk"):
        newest[row.host_id] = row
    for host in hosts:
        found = newest.get(host.pk)
        if found is None or not found.plan:
            missing = "it has no plan; codered fleet plan makes one" if word == "plan" else "no plan was applied to it"
            left_out.append((host.label, missing))
        else:
            document = PlanDocument(bytes(found.plan), found.plan_digest, bytes(found.document or b""))
            documents[host.pk] = document
    return Given(documents, tuple(left_out))


def read_plan(document: PlanDocument, where: str) -> Plan:
    """The plan that is stored. Raises Refused and WrongUse if it is not what was stored."""
    return read_plan_document(document.plan, where)


def _read_findings(stored: StoredReport) -> bytes:
    """The report as the host made it, b"" if it has no findings."""
    raw = read_document(stored)
    if stored.word == "verify":
        report = msgspec.json.decode(raw, type=Verification).report
        return msgspec.json.encode(report) if report.findings else b""
    return raw if msgspec.json.decode(raw, type=Report).findings else b""
