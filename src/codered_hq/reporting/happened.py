"""What happened in an incident, gathered from every room below as the plain values that standards are written from."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Q

from codered import __version__
from codered.model.pack import LoadedPack
from codered.packs.loading import choose_packs_folder, list_packs, load_packs
from codered_hq.containment.models import Containment
from codered_hq.fleet.models import StoredFinding
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host
from codered_hq.incidents.current import is_beside
from codered_hq.incidents.models import HostDecision, Incident, Task
from codered_hq.model.crisis import STEPS, Step
from codered_hq.standards.happenings import (
    AffectedHost,
    DoneContainment,
    Happenings,
    MadeDecision,
    PlannedTask,
    SeenFinding,
)

MAKER = f"CodeRed Detection and Removal {__version__}"
_AT_ONCE = 2_000  # hosts asked for in one query


def gather_happenings(incident: Incident, headquarters: str, at: datetime) -> Happenings:
    """All of it at this time (aware). Findings are those of the incident's threats (of all, if it names none) that were
    there after it was declared; hosts are those that have a finding, a containment or a treatment in it.
    """
    findings = tuple(map(_tell_finding, _find_findings(incident)))
    containments = tuple(map(_tell_containment, _find_containments(incident)))
    treated = HostDecision.objects.filter(incident=incident, replaced_at=None)
    treatments = dict(treated.order_by("at", "pk").values_list("host_id", "treatment"))
    numbers = {one.host for one in findings} | {one.host for one in containments} | treatments.keys()
    decisions = Decision.objects.filter(incident=incident.name, drill=is_beside(incident)).order_by("at", "pk")
    leader = incident.duties.filter(role="incident_commander", until=None).order_by("order").select_related("person")
    first = leader.first()
    return Happenings(
        at=at, maker=MAKER, headquarters=headquarters, incident=incident.name, title=incident.title,
        step=_name_step(incident.step), severity=incident.severity, tlp=incident.tlp, declared_at=incident.declared_at,
        declared_by=incident.declared_by, commander=first.person.name if first else "", drill=incident.drill,
        summary=incident.summary, closed_at=incident.closed_at,
        packs=tuple(loaded.pack for loaded in load_incident_packs(incident)),
        hosts=tuple(_find_hosts(sorted(numbers - {0}), treatments)), findings=findings, containments=containments,
        decisions=tuple(map(_tell_decision, decisions)),
        tasks=tuple(map(_tell_task, incident.tasks.select_related("owner").order_by("added_at", "pk"))),
    )  # fmt: skip


def load_incident_packs(incident: Incident) -> tuple[LoadedPack, ...]:
    """The packs of its threats that are installed here. Raises WrongUse for one that can't be read."""
    folder, _ = choose_packs_folder()
    there = list_packs(folder)
    wanted = tuple(dict.fromkeys(name for name in map(str, incident.packs) if name in there))
    return load_packs(folder, wanted) if wanted else ()


def _find_findings(incident: Incident) -> Iterator[StoredFinding]:
    there = StoredFinding.objects.filter(Q(gone_at=None) | Q(gone_at__gte=incident.declared_at))
    if incident.packs:
        there = there.filter(pack__in=list(map(str, incident.packs)))
    if incident.closed_at:
        there = there.filter(first_seen__lte=incident.closed_at)
    return there.order_by("first_seen", "uid").iterator(_AT_ONCE)


def _find_containments(incident: Incident) -> Iterator[Containment]:
    rows = Containment.objects.filter(incident=incident.name).select_related("decision").defer("backup")
    return rows.order_by("begun_at", "pk").iterator(_AT_ONCE)


def _find_hosts(numbers: list[int], treatments: dict[int, str]) -> Iterator[AffectedHost]:
    for some in _cut(numbers):
        rows = Host.objects.filter(pk__in=list(some)).select_related("owner").prefetch_related("addresses")
        for host in rows.order_by("pk"):
            used = [one for one in host.addresses.all() if one.current] or host.addresses.all()
            yield AffectedHost(
                number=host.pk, name=host.label, addresses=tuple(sorted(one.address for one in used)),
                state=host.state, criticality=host.criticality, owner=str(host.owner or ""),
                treatment=treatments.get(host.pk, ""),
            )  # fmt: skip


def _cut(numbers: list[int]) -> Iterable[list[int]]:
    return (numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE))


def _tell_finding(row: StoredFinding) -> SeenFinding:
    return SeenFinding(
        uid=row.uid, host=row.host_id, pack=row.pack, indicator=row.indicator, layer=row.layer,
        confidence=row.confidence, severity=row.severity, subject=row.subject, first_seen=row.first_seen,
        last_seen=row.last_seen, gone_at=row.gone_at,
    )  # fmt: skip


def _tell_containment(row: Containment) -> DoneContainment:
    where = [row.port] if row.port else []
    where += [f"vlan {row.vlan}"] if row.vlan else []
    return DoneContainment(
        uid=row.uid, decision=row.decision.uid, kind=row.kind, device=row.device,
        where=" ".join([*where, *map(str, row.networks)]), state=row.state, requested_by=row.requested_by,
        begun_at=row.begun_at, host=row.host_id or 0, held_at=row.held_at, undo_at=row.undo_at,
        undone_at=row.undone_at, proof=row.proof, error=row.error,
    )  # fmt: skip


def _tell_decision(row: Decision) -> MadeDecision:
    return MadeDecision(
        uid=row.uid, kind=row.kind, target=row.target, answer=row.answer, rule=row.rule, why=row.why, state=row.state,
        requested_by=row.requested_by, at=row.at, reason=row.reason, needs=tuple(map(str, row.needs)),
        rules_version=row.rules_version,
    )  # fmt: skip


def _tell_task(row: Task) -> PlannedTask:
    return PlannedTask(
        number=row.pk, step=_name_step(row.step), role=row.role, action=row.action, target=row.target, text=row.text,
        state=row.state, added_at=row.added_at, owner=row.owner.name if row.owner else "", ended_at=row.ended_at,
    )  # fmt: skip


def _name_step(text: str) -> Step:
    """The step of this name; of one that nobody knows, the one that an incident begins with."""
    return next((step for step in STEPS if step == text), "detect")
