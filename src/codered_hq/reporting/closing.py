"""What keeps an incident from being closed."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from codered_hq.containment.models import Containment
from codered_hq.fleet.models import HostRun, StoredReport
from codered_hq.fleet.vouching import BY_A_PERSON
from codered_hq.gate.showing import list_waiting
from codered_hq.hosts.models import Host
from codered_hq.incidents.current import is_beside
from codered_hq.incidents.glass_reviews import ACTION
from codered_hq.incidents.models import Incident, Task
from codered_hq.incidents.tasks import LIVE, URGENCY
from codered_hq.reporting.words import cut
from codered_hq.sweeps.models import Sweep

ILL = ("infected", "suspect", "contained")
IN_PLACE = ("begun", "holding", "undoing", "stuck")
MOST_NAMED = 5


def find_obstacles(incident: Incident, at: datetime) -> tuple[str, ...]:
    """Hosts that are ill, approvals that wait, containments that hold, tasks of the step that are not done, lessons
    that nobody owns, and that nobody looked again, at this time (aware). A drill is not held up by what really happens
    beside it.
    """
    return tuple(_find_obstacles(incident, at))


def _find_obstacles(incident: Incident, at: datetime) -> Iterator[str]:
    if not is_beside(incident):
        for state in ILL:
            yield from _name(
                list(Host.objects.filter(state=state).order_by("label").values_list("label", flat=True)), state
            )
    waiting = list_waiting(at, incident.name)
    yield from _name([f"{each.kind} {each.target}" for each in waiting], "waiting for approval")
    held = Containment.objects.filter(incident=incident.name, state__in=IN_PLACE).order_by("pk")
    yield from _name([str(each) for each in held], "still in place")
    tasks = incident.tasks.filter(state__in=LIVE).order_by(*URGENCY)
    reviews = tasks.filter(action=ACTION)
    yield from _name(_list_tasks(reviews), "reviews of broken glass open")
    rest = tasks.exclude(action=ACTION).filter(Q(step=incident.step) | Q(priority=1))
    yield from _name(_list_tasks(rest), f"open tasks that are urgent or of the step {incident.step}")
    if not is_beside(incident) and not _was_looked_at(incident, at):
        yield "no sweep and no scan since it was declared: nobody knows whether it is over"
    lessons = incident.lessons.filter(owner="", state="open").order_by("pk")
    yield from _name([f"lesson {number}" for number in lessons.values_list("pk", flat=True)], "without an owner")


def find_unproved(incident: Incident) -> tuple[str, ...]:
    """Hosts of which nobody knows that they are clean: they hold nothing up, but must be known."""
    cleaned = Host.objects.filter(state="cleaned").order_by("label").values_list("label", flat=True)
    newest = HostRun.objects.order_by().values("host").annotate(newest=Max("pk")).values("newest")
    answered = HostRun.objects.filter(pk__in=newest, state="answered", ended__gte=incident.declared_at)
    brought = StoredReport.objects.filter(key=BY_A_PERSON, partial=False, received_at__gte=incident.declared_at)
    unseen = Host.objects.exclude(pk__in=answered.values("host")).exclude(pk__in=brought.values("host"))
    hosts = unseen.order_by("label").values_list("label", flat=True)
    return (
        *_name(list(cleaned), "cleaned and not verified"),
        *_name(list(hosts), "not looked at since it was declared"),
    )


def _list_tasks(tasks: QuerySet[Task]) -> list[str]:
    return [f"{each.pk} ({cut(each.text, 40)})" for each in tasks]


def _was_looked_at(incident: Incident, at: datetime) -> bool:
    since = (incident.declared_at, at)
    scans = StoredReport.objects.filter(word="scan", received_at__range=since)
    return scans.exists() or Sweep.objects.filter(state="done", ended__range=since).exists()


def _name(found: list[str], what: str) -> Iterator[str]:
    if found:
        more = f" and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
        yield f"{len(found):,} {what}: {', '.join(cut(each, 80) for each in found[:MOST_NAMED])}{more}"
