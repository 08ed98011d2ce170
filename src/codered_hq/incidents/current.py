"""Which incident is meant: the one that is named, else the only one that is open."""

import os

from codered.model.errors import Refused, WrongUse
from codered_hq.config import headquarters_folder, is_exercise
from codered_hq.incidents.models import Incident

MOST_NAMED = 5


class SeveralOpen(WrongUse):
    """None of them is guessed."""


def find_incident(name: str = "") -> Incident:
    """The incident of this name, open or closed; "" = the only open one. Raises WrongUse if there is none, or several:
    a drill and the real thing side by side are never guessed at.
    """
    if name:
        found = Incident.objects.filter(name=name).first()
        if found is None:
            raise WrongUse("no incident has this name", where=name[:64], advice="codered incident list shows them")
        return found
    found = find_incident_if_any()
    if found is None:
        advice = "codered incident declare NAME --title …"
        if not os.environ.get("CODERED_HQ"):
            advice += f"; this headquarters is {headquarters_folder()}: CODERED_HQ, which is not set, names another"
        raise WrongUse("no incident is open", advice=advice)
    return found


def find_incident_if_any(name: str = "") -> Incident | None:
    """The same, but None if no name was given and none is open. Raises WrongUse."""
    if name:
        return find_incident(name)
    opened = list(Incident.objects.filter(closed_at=None).order_by("pk")[: MOST_NAMED + 1])
    if len(opened) > 1:
        names = ", ".join(each.name + (" (DRILL)" if each.drill else "") for each in opened[:MOST_NAMED])
        what = f"several incidents are open: {names}"
        raise SeveralOpen(what, where="incident", advice="name the one that is meant")
    return opened[0] if opened else None


def find_open_incident(name: str = "") -> Incident:
    """The incident to write about. Raises WrongUse if there is none, Refused if it is closed."""
    found = find_incident(name)
    if found.closed_at is not None:
        what = f"it was closed on {found.closed_at:%Y-%m-%d %H:%M} UTC"
        raise Refused(what, where=found.name, advice="declare a new one")
    return found


def find_open_drills() -> tuple[str, ...]:
    """The names of the drills that are under way."""
    return tuple(Incident.objects.filter(closed_at=None, drill=True).order_by("pk").values_list("name", flat=True))


def is_beside(incident: Incident) -> bool:
    """Whether it is a drill beside the real thing: machines and what happens to them are no part of it. In a
    headquarters that is a drill's own, they are. Raises WrongUse.
    """
    return incident.drill and not is_exercise()
