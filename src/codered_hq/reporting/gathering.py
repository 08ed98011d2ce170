"""The status document of an incident, gathered from every room below."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Q

from codered_hq.containment.models import Containment
from codered_hq.gate.models import Decision
from codered_hq.gate.showing import view_decision
from codered_hq.incidents.models import Incident, Outgoing, Task
from codered_hq.ledger.reading import find_head
from codered_hq.model.crisis import CSF, STEPS
from codered_hq.reporting.curve import FINE_SPANS, make_curve
from codered_hq.reporting.document import (
    STATUS_FORMAT,
    Change,
    Gap,
    Holding,
    Numbers,
    RoleTasks,
    StatusReport,
    StepRow,
    Undelivered,
    Waiting,
)
from codered_hq.reporting.numbers import count_missing, count_numbers, list_parts
from codered_hq.reporting.story import make_story
from codered_hq.sweeps.coverage import CoveredSubnet, measure_coverage

MOST_ROWS = 100
IN_PLACE = ("begun", "holding", "undoing", "stuck")


def make_status(incident: Incident, at: datetime, last: StatusReport | None = None) -> StatusReport:
    """All that is known at this time (aware); `last` is the report that changes are told against."""
    coverage = measure_coverage(at)
    numbers = count_numbers(incident, at, coverage)
    gaps = sorted(filter(_is_gap, list_parts(coverage)), key=count_missing, reverse=True)
    waiting, waiting_of = _list_waiting(incident, at)
    holding, holding_of, stuck = _list_holding(incident, at)
    head = find_head()
    return StatusReport(
        format=STATUS_FORMAT, at=at, incident=incident.name, title=incident.title, step=incident.step,
        severity=incident.severity, tlp=incident.tlp, drill=incident.drill, declared_at=incident.declared_at,
        declared_by=incident.declared_by, closed_at=incident.closed_at, summary=incident.summary,
        packs=tuple(map(str, incident.packs)), numbers=numbers, last_report_at=last.at if last else None,
        next_report_at=None if incident.closed_at else incident.next_report_at, changes=_compare(last, numbers),
        curve=make_curve(incident, at, FINE_SPANS), coverage_complete=coverage.complete,
        gaps=tuple(map(_make_gap, gaps[:MOST_ROWS])), gaps_of=len(gaps), waiting=waiting, waiting_of=waiting_of,
        containments=holding, containments_of=holding_of, stuck=stuck, tasks=_list_tasks(incident, at),
        steps=_list_steps(incident), impact={str(area): str(text) for area, text in incident.impact.items()},
        undelivered=_list_undelivered(incident), open_rumours=incident.rumours.filter(state="open").count(),
        ledger_seq=head.seq if head else 0, ledger_head=head.hash if head else "", story=make_story(incident, at),
    )  # fmt: skip


def _is_gap(subnet: CoveredSubnet) -> bool:
    return not subnet.complete


def _make_gap(subnet: CoveredSubnet) -> Gap:
    reasons = tuple(dict.fromkeys(subnet.reasons.values())) or tuple(sorted(subnet.counts)) or ("never swept",)
    return Gap(
        range=subnet.range, name=subnet.name, site=subnet.site, total=subnet.total, missing=count_missing(subnet),
        reasons=reasons, documented=subnet.documented,
    )  # fmt: skip


def _compare(last: StatusReport | None, now: Numbers) -> tuple[Change, ...]:
    if last is None:
        return ()
    pairs = ((name, getattr(last.numbers, name), getattr(now, name)) for name in Numbers.__struct_fields__)
    return tuple(Change(what=name, before=before, after=after) for name, before, after in pairs if before != after)


def _list_waiting(incident: Incident, at: datetime) -> tuple[tuple[Waiting, ...], int]:
    rows = Decision.objects.filter(Q(expires_at__gt=at) | Q(expires_at=None), state="awaiting")
    rows = rows.filter(incident__in=(incident.name, "")).select_related("requester").order_by("expires_at", "pk")
    views = (view_decision(row, at, most_machines=0) for row in rows[:MOST_ROWS])
    waiting = tuple(
        Waiting(
            uid=view.uid, kind=view.kind, target=view.target, machines=view.machine_count, missing=view.missing,
            requested_by=view.requested_by, why=view.why, at=view.at, expires_at=view.expires_at,
        )
        for view in views
    )  # fmt: skip
    return waiting, rows.count()


def _list_holding(incident: Incident, at: datetime) -> tuple[tuple[Holding, ...], int, int]:
    """What can't be taken back comes first, then what undoes itself next."""
    rows = Containment.objects.filter(state__in=IN_PLACE, incident__in=(incident.name, ""))
    stuck = rows.filter(state="stuck")
    first = [*stuck.select_related("host").order_by("undo_at", "pk")[:MOST_ROWS]]
    rest = rows.exclude(state="stuck").select_related("host").order_by("undo_at", "pk")[:MOST_ROWS]
    shown = tuple(make_holding(row, at) for row in [*first, *rest][:MOST_ROWS])
    return shown, rows.count(), stuck.count()


def make_holding(row: Containment, at: datetime) -> Holding:
    """A containment as reports show it at this time (aware)."""
    what = row.port or (f"VLAN {row.vlan}" if row.vlan else ", ".join(map(str, row.networks)))
    timers = "; ".join(" ".join(map(str, each)) for each in row.timer if isinstance(each, list))
    return Holding(
        uid=row.uid, kind=row.kind, place=f"{row.device} {what}".strip(), host=row.host.label if row.host else row.mac,
        state=row.state, since=row.held_at or row.begun_at, undo_at=row.undo_at, timer=timers, error=row.error,
        overdue=row.undo_at is not None and row.undo_at < at,
    )  # fmt: skip


def _list_tasks(incident: Incident, at: datetime) -> tuple[RoleTasks, ...]:
    """A claim whose lease is over is an open task again."""
    lapsed = Q(state="claimed", lease_until__lte=at)
    left = Task.objects.filter(incident=incident, state__in=("open", "claimed", "blocked"))
    rows = left.values("role").order_by("role").annotate(
        unclaimed=Count("pk", filter=Q(state="open") | lapsed),
        claimed=Count("pk", filter=Q(state="claimed") & ~lapsed),
        blocked=Count("pk", filter=Q(state="blocked")), overdue=Count("pk", filter=Q(due_at__lt=at)),
    )  # fmt: skip
    return tuple(
        RoleTasks(
            role=row["role"], open=row["unclaimed"], claimed=row["claimed"], blocked=row["blocked"],
            overdue=row["overdue"],
        )
        for row in rows
    )  # fmt: skip


def _list_steps(incident: Incident) -> tuple[StepRow, ...]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    rows: Iterable[tuple[str, str, int]] = (
        Task.objects.filter(incident=incident).values_list("step", "state").order_by().annotate(Count("pk"))
    )
    for step, state, number in rows:
        counts[step][state if state in ("done", "dropped") else "left"] += number
    return tuple(
        StepRow(
            step=step, csf=CSF[step], done=counts[step]["done"], left=counts[step]["left"], now=step == incident.step,
            dropped=counts[step]["dropped"],
        )
        for step in STEPS
    )  # fmt: skip


def _list_undelivered(incident: Incident) -> tuple[Undelivered, ...]:
    """Given up, or tried in vain so far."""
    failed = Outgoing.objects.filter(Q(incident=incident) | Q(incident=None)).exclude(error="").exclude(state="sent")
    groups = failed.order_by().values_list("way", "to", "state", "error").annotate(number=Count("pk"))
    return tuple(
        Undelivered(way=way, to=to, notices=number, given_up=state == "given_up", error=error)
        for way, to, state, error, number in groups.order_by("state", "-number")[:MOST_ROWS]
    )
