"""What each page shows around its own part: who is signed in, the incident, the drill's banner, where one can go."""

from typing import Any, Final, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from codered_hq.beating import find_beat, find_hanging, is_alive
from codered_hq.config import headquarters_folder, is_exercise
from codered_hq.console.live.pulse import PULSE
from codered_hq.console.live.topics import Look
from codered_hq.console.viewing import Viewer
from codered_hq.console.waiting import count_my_votes
from codered_hq.incidents.current import find_open_drills
from codered_hq.incidents.models import Incident

MOST_INCIDENTS = 20


class Way(NamedTuple):
    """A page that the frame leads to: the name of its URL, what people call it, and the key that goes there after g.
    `alike`: other names of URLs that are shown as being there.
    """

    url: str
    text: str
    key: str = ""
    alike: tuple[str, ...] = ()


class Group(NamedTuple):
    """Pages that belong together."""

    text: str
    ways: tuple[Way, ...]


WAYS: Final[tuple[Group, ...]] = (
    Group("Now", (
        Way("war", "War room", "w"), Way("approvals", "Approvals", "a", ("approval",)),
        Way("tasks", "Tasks", "t", ("task",)), Way("timeline", "Timeline", "l"),
    )),
    Group("Machines", (
        Way("hosts", "Hosts", "h", ("host", "contain", "containments", "release", "runs", "run")),
        Way("findings", "Findings", "f", ("finding",)), Way("plans", "Plans", "p", ("plan", "plan-ask")),
        Way("subnets", "Subnets", "s", ("subnet",)),
        Way("evidence", "Evidence", "e", ("evidence-record", "evidence-new")),
        Way("ledger", "Ledger", "", ("ledger-entry",)),
    )),
    Group("Incident", (
        Way("incident", "Incident", "i", ("declare", "incident-close", "handover")), Way("roster", "Roster", "o"),
        Way("messages", "Messages", "m", ("message", "message-new", "rumours", "rumour")),
        Way("reports", "Reports", "r"), Way("lessons", "Lessons", "", ("lesson", "lesson-new")),
    )),
    Group("Rules and practice", (
        Way("rules", "Rules", "u", ("rules-version", "whatif")), Way("packs", "Packs", "k", ("pack",)),
        Way("drills", "Drills", "d", ("drill",)),
        Way("desk", "Admin", "", ("desk_accounts", "desk_sessions", "desk_programs", "desk_outbox")),
    )),
)  # fmt: skip


class Link(NamedTuple):
    """A way as it is shown on one page. `waits`: how much waits there for the one who looks."""

    address: str
    text: str
    key: str
    here: bool
    waits: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """What base.html uses. A page without a viewer (signing in) gets none of it."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return {}
    incident, beat = viewer.incident, find_beat(headquarters_folder())
    return {
        "viewer": viewer, "incident": incident, "drill": is_drill(incident), "groups": _list_groups(request),
        "now": viewer.at, "since": PULSE.find_mark(viewer.at),
        "worker_alive": is_alive(beat), "worker_failed": beat.failed if beat else {},
        "worker_hangs": find_hanging(beat),
        "my_votes": SimpleLazyObject(lambda: _count_waits(viewer)),
        "open_incidents": SimpleLazyObject(_list_open_incidents),
    }  # fmt: skip


def is_drill(incident: Incident | None) -> bool:
    """Whether what is shown is an exercise: headquarters itself, this incident, or one that is open."""
    return is_exercise() or bool(incident.drill if incident else find_open_drills())


def _list_groups(request: HttpRequest) -> list[tuple[str, list[Link]]]:
    match = request.resolver_match
    name = match.url_name if match else ""
    return [(group.text, [_link(way, name or "") for way in group.ways if _leads(way)]) for group in WAYS]


def _link(way: Way, here: str) -> Link:
    return Link(reverse(way.url), way.text, way.key, here in (way.url, *way.alike), way.url == "approvals")


def _leads(way: Way) -> bool:
    """A headquarters may serve only some of the rooms."""
    try:
        reverse(way.url)
    except NoReverseMatch:
        return False
    return True


def _count_waits(viewer: Viewer) -> int:
    return count_my_votes(viewer.speaker.person, viewer.at, Look()) if viewer.speaker.person else 0


def _list_open_incidents() -> list[Incident]:
    return list(Incident.objects.filter(closed_at=None).order_by("declared_at")[:MOST_INCIDENTS])
