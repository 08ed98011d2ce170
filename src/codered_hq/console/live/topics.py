"""What can move under those who watch: a closed list, and for each topic a small digest of the database."""

from collections.abc import Callable
from typing import Any, Final

from django.apps import apps as django_apps
from django.db.models import Count, Max, QuerySet

from codered_hq.beating import find_beat, find_hanging, is_alive
from codered_hq.config import headquarters_folder
from codered_hq.containment.models import Containment
from codered_hq.fleet.models import FleetRun, HostCase, HostRun, StoredFinding, StoredReport
from codered_hq.gate.models import Decision, Vote
from codered_hq.hosts.models import HOST_STATES, AddressUse, Host, Subnet
from codered_hq.incidents.models import Duty, Incident, Lesson, Message, Outgoing, Rumour, Task
from codered_hq.ledger.models import LedgerEntry
from codered_hq.sweeps.models import Bundle, Sweep, SweptAddress, SweptBlock

TOPICS: Final = (
    "numbers", "hosts", "findings", "waiting", "tasks", "timeline", "coverage", "containments", "incident", "messages",
    "drill", "worker",
)  # fmt: skip
Digest = tuple[Any, ...]


class Look:
    """One look at the database: each topic is digested once, however many ask for it. `live`: an event asked for it, so
    what the pulse has seen is new enough; else nobody may be shown less than what he just changed.
    """

    def __init__(self, live: bool = False) -> None:
        self.live = live
        self._seen: dict[str, Digest] = {}

    def digest(self, topic: str) -> Digest:
        """What a topic looks like; another one as soon as something of it has changed. A few indexed queries."""
        if topic not in self._seen:
            made_of = tuple(self.digest(each) for each in _MADE_OF.get(topic, ()))
            self._seen[topic] = made_of + _DIGESTS[topic]()
        return self._seen[topic]


def _count_states(rows: "QuerySet[Any]") -> Digest:
    return (*rows.order_by("state").values_list("state").annotate(Count("pk"), Max("pk")),)


def _find_newest(rows: "QuerySet[Any]", *fields: str) -> Digest:
    found = rows.aggregate(*(Max(field) for field in ("pk", *fields)))
    return tuple(found.values())


def _find_heads(*kinds: str) -> Digest:
    """Where the ledger ends, for these kinds of entries."""
    return tuple(LedgerEntry.objects.filter(kind=kind).aggregate(head=Max("pk"))["head"] for kind in kinds)


def _digest_hosts() -> Digest:
    moved = Host.objects.filter(state__in=[state for state, _ in HOST_STATES if state != "unknown"])
    return (
        *_count_states(Host.objects.all()), *_find_newest(moved, "state_since"), *_find_newest(Host.objects.all()),
        Host.objects.aggregate(seen=Max("last_seen"))["seen"], *_find_newest(HostCase.objects.all(), "closed_at"),
        *_find_heads("treatment", "evidence"),
    )  # fmt: skip


def _digest_findings() -> Digest:
    return (*_find_newest(StoredReport.objects.all()), *_find_newest(StoredFinding.objects.all()))


def _digest_waiting() -> Digest:
    return (*_count_states(Decision.objects.all()), *_find_newest(Vote.objects.all()), *_find_heads("decision", "vote"))


def _digest_tasks() -> Digest:
    return (*_count_states(Task.objects.all()), *_find_newest(Task.objects.all(), "lease_until"), *_find_heads("task"))


def _digest_timeline() -> Digest:
    return _find_newest(LedgerEntry.objects.all())


def _digest_coverage() -> Digest:
    return (
        *_count_states(Sweep.objects.all()), *_find_newest(Sweep.objects.all(), "ended"),
        *_find_newest(SweptBlock.objects.all()), *_find_newest(SweptAddress.objects.all()),
        *_count_states(Bundle.objects.all()), *_find_newest(AddressUse.objects.all()),
        *Subnet.objects.order_by("pk").values_list("range", "name", "site", "zone", "owner", "documented"),
    )  # fmt: skip


def _digest_containments() -> Digest:
    return (*_count_states(Containment.objects.all()), *_find_newest(Containment.objects.all(), "undo_at", "next_try"))


def _digest_incident() -> Digest:
    said = ("pk", "step", "severity", "tlp", "title", "summary", "closed_at", "next_report_at", "report_every_seconds")
    opened = Incident.objects.order_by("-pk").values_list(*said)[:20]
    return (*opened, *_find_newest(Duty.objects.all(), "until"), *_find_heads("incident", "roster", "rules"))


def _digest_messages() -> Digest:
    return (
        *_count_states(Message.objects.all()), *_count_states(Rumour.objects.all()),
        *_count_states(Lesson.objects.all()), *_count_states(Outgoing.objects.all()),
        *_find_heads("message", "rumour", "lesson"),
    )  # fmt: skip


def _digest_numbers() -> Digest:
    return _count_states(HostRun.objects.all()) + _count_states(FleetRun.objects.all())


def _digest_drill() -> Digest:
    tables = django_apps.get_app_config("drills").get_models()
    rows = [tuple(str(row) for row in table._default_manager.order_by("-pk").values_list()[:5]) for table in tables]
    return (*rows, *_find_heads("drill"))


def _digest_worker() -> Digest:
    beat = find_beat(headquarters_folder())
    return (is_alive(beat), bool(find_hanging(beat)), *sorted(beat.failed.items() if beat else ()))


_MADE_OF: Final = {"numbers": ("hosts", "waiting", "coverage", "containments")}
_DIGESTS: Final[dict[str, Callable[[], Digest]]] = {
    "numbers": _digest_numbers, "hosts": _digest_hosts, "findings": _digest_findings, "waiting": _digest_waiting,
    "tasks": _digest_tasks, "timeline": _digest_timeline, "coverage": _digest_coverage,
    "containments": _digest_containments, "incident": _digest_incident, "messages": _digest_messages,
    "drill": _digest_drill, "worker": _digest_worker,
}  # fmt: skip
