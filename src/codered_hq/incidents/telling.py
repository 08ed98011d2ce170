"""Notices to one person of the team."""

from datetime import datetime

import msgspec

from codered_hq.config import headquarters_folder, read_config
from codered_hq.incidents.models import Incident, Person
from codered_hq.incidents.outbox import queue_notice
from codered_hq.model.notice import Notice


def tell_person(person: Person, notice: Notice, at: datetime, incident: Incident | None) -> str:
    """Queue a notice by mail; the way it goes, in words: if there is none, how a human must do it. Raises WrongUse."""
    ways = [way.name for way in read_config(headquarters_folder()).notify if way.way == "mail"]
    if ways and person.mail and notice.tlp != "RED":
        queue_notice(ways[0], msgspec.structs.replace(notice, to=person.mail), at, incident)
        return f"mail {person.mail}"
    return f"call {person.phone} by hand" if person.phone else "no way to reach this person is known"
