"""Where the incident stands, as the war room shows it: numbers, curve, what waits, who does what, what happened."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F
from django.urls import reverse
from django.utils.safestring import SafeString

from codered_hq.console.live.caching import keep
from codered_hq.console.live.topics import Look
from codered_hq.console.viewing import Viewer
from codered_hq.console.waiting import list_my_votes
from codered_hq.console.war.tiles import find_coverage
from codered_hq.containment.goals import HELD
from codered_hq.containment.models import Containment
from codered_hq.gate.models import Decision
from codered_hq.gate.settling import name_decision
from codered_hq.gate.showing import list_waiting
from codered_hq.incidents.messages import find_missing
from codered_hq.incidents.models import Incident, Message, Rumour, Task
from codered_hq.incidents.roster import view_roster
from codered_hq.incidents.tasks import find_free
from codered_hq.reporting.charts import draw_chart
from codered_hq.reporting.curve import FINE_SPANS, make_curve
from codered_hq.reporting.document import Holding, Numbers
from codered_hq.reporting.gathering import make_holding
from codered_hq.reporting.numbers import count_numbers
from codered_hq.reporting.timeline import Happening, list_newest

MOST_CONTAINMENTS = 10
MOST_WAITING = 5
MOST_HAPPENINGS = 10


class Card(NamedTuple):
    """One of the five numbers, and the list it leads to."""

    name: str
    tone: str
    value: int
    more: str
    address: str


class Waits(NamedTuple):
    """What the one who looks could do now: decisions (each with what people call it) that his yes would help, tasks he
    may claim, messages he may approve, rumours nobody has looked into; and how many decisions wait for others.
    """

    votes: list[tuple[Decision, str]]
    votes_of: int
    tasks: list[Task]
    tasks_of: int
    messages: list[Message]
    rumours: list[Rumour]
    others: int

    @property
    def nothing(self) -> bool:
        """Whether there is nothing for him to do."""
        return not (self.votes or self.tasks or self.messages or self.rumours)


class InPlace(NamedTuple):
    """Containments, those that can't be taken back first, then what undoes itself soonest; how many there are."""

    rows: list[Holding]
    of: int
    stuck: int


class Doing(NamedTuple):
    """A role, who has it, what it lacks, and what its people hold just now."""

    role: str
    names: tuple[str, ...]
    gap: str
    tasks: tuple[Task, ...]


def make_cards(incident: Incident, at: datetime, look: Look) -> list[Card]:
    """The five numbers at this time (aware)."""
    topics = ("numbers", "coverage", "incident")
    numbers: Numbers = keep(
        ("numbers", incident.pk), topics, lambda: count_numbers(incident, at, find_coverage(at, look)), look
    )
    hosts, blind = reverse("hosts"), f"{numbers.not_covered:,} addresses not covered"
    held = f"{numbers.contained_infected:,} found infected, {numbers.contained_suspect:,} suspected"
    infected = f"of {numbers.hosts:,} known; {numbers.suspect:,} suspected"
    return [
        Card("infected", "bad" if numbers.infected else "", numbers.infected, infected, f"{hosts}?state=infected"),
        Card("contained", "held", numbers.contained, held, f"{hosts}?state=contained"),
        Card(
            "verified clean", "good", numbers.verified, f"{numbers.cleaned:,} cleaned, not verified yet",
            f"{hosts}?state=proved",
        ),
        Card("not reached", "warn" if numbers.not_reached else "", numbers.not_reached, blind, f"{hosts}?reach=missed"),
        Card(
            "awaiting approval", "warn" if numbers.awaiting else "", numbers.awaiting, "decisions that wait for a yes",
            reverse("approvals"),
        ),
    ]  # fmt: skip


def draw_curve(incident: Incident, at: datetime, look: Look) -> SafeString | None:
    """The outbreak curve with its words, None while nothing was found."""

    def draw() -> SafeString | None:
        curve = make_curve(incident, at, FINE_SPANS)
        return SafeString(draw_chart(curve)) if curve else None  # numbers, in markup that escapes

    return keep(("curve", incident.pk), ("hosts", "containments", "incident"), draw, look)


def find_waits(viewer: Viewer, look: Look) -> Waits:
    """What waits for this viewer."""
    person, incident, at = viewer.speaker.person, viewer.incident, viewer.at
    votes = list_my_votes(person, at, look) if person else []
    others = len(list_waiting(at)) - len(votes)
    free = find_free(incident, viewer.roles, at) if person and incident and incident.closed_at is None else None
    tasks = list(free[:MOST_WAITING]) if free is not None else []
    return Waits(
        [(each, name_decision(each)) for each in votes[:MOST_WAITING]], len(votes), tasks,
        free.count() if free is not None else 0, _find_messages(viewer), _find_rumours(incident, viewer.roles), others,
    )  # fmt: skip


def list_in_place(at: datetime) -> InPlace:
    """What may be in place at this time (aware)."""
    rows = Containment.objects.filter(state__in=HELD)
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    related = rows.select_related("host")
    soonest = F("undo_at").asc(nulls_last=True)
    stuck = list(related.filter(state="stuck").order_by("pk")[:MOST_CONTAINMENTS])
    rest = related.exclude(state="stuck").order_by(soonest, "pk")[: MOST_CONTAINMENTS - len(stuck)]
    return InPlace([make_holding(row, at) for row in (*stuck, *rest)], sum(counts.values()), counts.get("stuck", 0))


def list_doing(incident: Incident, at: datetime) -> list[Doing]:
    """Every role that somebody has or that is missing somebody, and the tasks that its people hold."""
    held: dict[str, list[Task]] = {}
    claimed = incident.tasks.filter(state="claimed", lease_until__gt=at).select_related("owner").order_by("lease_until")
    for task in claimed:
        held.setdefault(task.owner.name if task.owner else "", []).append(task)
    shown: set[str] = set()
    doing = []
    for role in view_roster(incident, at):
        names = tuple(holder.person for holder in role.holders)
        tasks = [task for name in names if name not in shown for task in held.get(name, ())]
        shown.update(names)
        doing.append(Doing(role.role, names, role.gap, tuple(tasks[:MOST_WAITING])))
    return doing


def list_happenings(incident: Incident, at: datetime, look: Look) -> tuple[Happening, ...]:
    """The last ten, the newest first."""
    topics = ("timeline", "hosts", "numbers")
    return keep(("newest", incident.pk), topics, lambda: list_newest(incident, at, MOST_HAPPENINGS), look)


def _find_messages(viewer: Viewer) -> list[Message]:
    if viewer.incident is None or viewer.speaker.person is None:
        return []
    drafts = Message.objects.filter(incident=viewer.incident, state="draft").select_related("incident").order_by("pk")
    return [each for each in drafts[:50] if viewer.roles & set(find_missing(each))][:MOST_WAITING]


def _find_rumours(incident: Incident | None, roles: frozenset[str]) -> list[Rumour]:
    if incident is None or not roles:
        return []
    return list(Rumour.objects.filter(incident=incident, state="open").order_by("at")[:MOST_WAITING])
