"""Which report a host's plan is made from, and which plan it is given back: always a stored one, never one by hand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from codered.model.plan import Plan
from codered.model.report import Report
from codered.model.response import Verification
from codered_hq.fleet.cases import has_open_findings
from codered_hq.fleet.ingesting import read_document
from codered_hq.fleet.models import FleetRun, HostRun, StoredReport
from codered_hq.fleet.plan_documents import read_plan_document
from codered_hq.fleet.running import BATCH, PlanDocument
from codered_hq.hosts.models import TEXT, Host

NO_FINDINGS = "its newest report has no findings"
ILL = ("suspect", "infected", "contained")
OPEN = (*ILL, "cleaned", "verified", "watch")
"""States of hosts of which something is still to be done, and of those with an open case."""


class LeftOut(NamedTuple):
    """A host that gets no document, and why."""

    host: Host
    why: str


class Given(NamedTuple):
    """Documents for hosts by their number, and of the others why there is none."""

    documents: dict[int, PlanDocument]
    left_out: tuple[LeftOut, ...]


def find_reports(hosts: Sequence[Host]) -> Given:
    """For each host its newest report, if that has findings: what a plan is made from."""
    documents, left_out = {}, []
    for host in hosts:
        stored = host.reports.filter(word__in=("scan", "verify")).order_by("-received_at", "-pk").first()
        if stored is None:
            left_out.append(LeftOut(host, "it has no report; scan it first"))
        elif not (report := _read_findings(stored)):
            left_out.append(LeftOut(host, NO_FINDINGS))
        else:
            documents[host.pk] = PlanDocument(b"", "", report)
    return Given(documents, tuple(left_out))


def find_plans(hosts: Sequence[Host], word: Literal["plan", "apply", "rollback"] = "plan", uid: str = "") -> Given:
    """For each host the newest plan that it made (`word` "plan"), that it carried out ("apply") or that it began to
    carry out, whether it came to an end or not ("rollback"); or the one of this run.
    """
    documents, left_out = {}, []
    made = "plan" if word == "plan" else "apply"
    rows = HostRun.objects.filter(host__in=[host.pk for host in hosts], run__word=made).exclude(plan=None)
    rows = rows.filter(run__uid=uid) if uid else rows
    newest: dict[int, HostRun] = {}
    rows = rows.filter(state__in=("answered", "failed") if word == "rollback" else ("answered",))
    for row in rows.order_by("pk"):
        newest[row.host_id] = row
    for host in hosts:
        found = newest.get(host.pk)
        if found is None or not found.plan:
            missing = "it has no plan; codered fleet plan makes one" if word == "plan" else "no plan was applied to it"
            left_out.append(LeftOut(host, missing))
        else:
            document = PlanDocument(bytes(found.plan), found.plan_digest, bytes(found.document or b""))
            documents[host.pk] = document
    return Given(documents, tuple(left_out))


def find_owed(left_out: Iterable[LeftOut], named: bool, states: Sequence[str] = ILL) -> list[LeftOut]:
    """Of hosts that were left out those for which that is a gap: they were `named` one by one, or are in such a state.
    Where nothing was found, nothing is to be done.
    """
    return [each for each in left_out if each.host.state in states or (named and not _is_idle(each))]


def note_left_out(run: FleetRun, owed: Iterable[LeftOut], at: datetime) -> None:
    """Give these hosts their rows in a run that can't ask them: given up, with the reason."""
    rows = [HostRun(run=run, host=each.host, state="given_up", reason=each.why[:TEXT], ended=at) for each in owed]
    HostRun.objects.bulk_create(rows, batch_size=BATCH)


def _is_idle(left: LeftOut) -> bool:
    """Whether nothing was ever found on a host that was looked at, or nothing is there any more."""
    host = left.host
    never = host.state not in OPEN and host.reports.exists() and not has_open_findings(host)
    return left.why == NO_FINDINGS or never


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
