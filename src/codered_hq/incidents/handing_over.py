"""One shift hands over to the next: roles and tasks change hands, and what was said is in the ledger."""

from datetime import datetime
from typing import Any, NamedTuple

from codered.model.errors import WrongUse
from codered_hq.incidents.models import Duty, Incident, Person
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.roster import find_duties
from codered_hq.incidents.tasks import LEASE, need_person
from codered_hq.incidents.writing import write_whole
from codered_hq.ledger.writing import enter


class HandedOver(NamedTuple):
    """What changed hands."""

    roles: tuple[str, ...]
    tasks: tuple[int, ...]


def hand_over(incident: Incident, to: Person, page: dict[str, Any], speaker: Speaker, at: datetime) -> HandedOver:
    """Give all roles and tasks that the speaker has in this incident to another one, with the page that he was shown.
    A standing role stays his; in this incident the other one is asked before him. Raises WrongUse.
    """
    person = need_person(speaker)
    if to.pk == person.pk or not to.active:
        raise WrongUse("can't take it over", where=f"--to {to.name}", advice="name somebody else who is in the team")

    def work() -> HandedOver:
        mine = [duty for duty in find_duties(incident, at) if duty.person_id == person.pk]
        roles = tuple(sorted({duty.role for duty in mine}))
        Duty.objects.filter(incident=incident, person=person, until=None).update(until=at)
        for role in roles:
            order = min(duty.order for duty in mine if duty.role == role)
            said = {"order": order}
            Duty.objects.update_or_create(
                incident=incident,
                role=role,
                person=to,
                until=None,
                defaults=said,
                create_defaults={**said, "since": at},
            )
        held = incident.tasks.filter(owner=person, state="claimed")
        tasks = tuple(held.values_list("pk", flat=True))
        held.update(owner=to, lease_until=at + LEASE)
        what = f"{person.name} handed over to {to.name}: {', '.join(roles) or 'no role'}, {len(tasks)} tasks"
        detail = {"to": to.name, "roles": list(roles), "tasks": list(tasks), "page": page}
        enter("handover", person.name, what, at, incident=incident.name, detail=detail)
        return HandedOver(roles, tasks)

    return write_whole(work)
