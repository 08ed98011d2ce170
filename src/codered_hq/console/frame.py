"""What each page shows around its own part: who is signed in, the incident, the drill's banner, where one can go."""

from typing import Any, Final, NamedTuple

from django.http import HttpRequest

from codered_hq.config import is_exercise
from codered_hq.incidents.current import find_open_drills


class Way(NamedTuple):
    """A page that the frame leads to: the name of its URL, and what people call it."""

    url: str
    text: str


WAYS: Final[tuple[Way, ...]] = (
    Way("war", "War room"),
    Way("hosts", "Hosts"),
    Way("findings", "Findings"),
    Way("plans", "Plans"),
    Way("approvals", "Approvals"),
    Way("tasks", "Tasks"),
    Way("timeline", "Timeline"),
    Way("subnets", "Subnets"),
    Way("incident", "Incident"),
    Way("messages", "Messages"),
    Way("reports", "Reports"),
    Way("evidence", "Evidence"),
    Way("rules", "Rules"),
    Way("packs", "Packs"),
    Way("drills", "Drills"),
    Way("desk", "Admin"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """What base.html uses. A page without a viewer (signing in) gets none of it."""
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        return {}
    incident = viewer.incident
    drill = is_exercise() or bool(incident.drill if incident else find_open_drills())
    return {"viewer": viewer, "incident": incident, "drill": drill, "ways": WAYS, "now": viewer.at}
