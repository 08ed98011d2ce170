"""Links by which people of the demonstration get their accounts: who commands, who asks, and whose yes is missing."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import Refused
from codered_hq.accounts.auditing import note
from codered_hq.accounts.inviting import invite, make_first_invite
from codered_hq.config import is_exercise
from codered_hq.drills.demo_record import read_shipped_record
from codered_hq.drills.demo_team import Team
from codered_hq.incidents.people import find_person


class Link(NamedTuple):
    """For whom (name and role) it is, and the path of the console that he opens."""

    name: str
    role: str
    path: str


def tell_left() -> str:
    """Whose yes is missing, to what, in words."""
    left = read_shipped_record().waits
    return f"{left.who}'s yes to cutting off {left.host}, on the page Approvals, within half an hour"


def make_demo_links(folder: Path, at: datetime) -> list[Link]:
    """One for the commander, who administers too, one for who says the missing yes, and one for who asked for it, at
    this time (aware); none if there is an account already. The demonstration must be loaded into this folder. Raises
    Refused in a headquarters that is no exercise.
    """
    if not is_exercise():
        raise Refused("this is no exercise: here an account's proof counts from when it was made", where=str(folder))
    record = read_shipped_record()
    team = Team(folder, record.people)
    commander = team.speak_as(team.commander)
    path = make_first_invite(commander, at)
    if not path:
        return []
    _take_for_whom_it_says(team.commander, at)
    asker = next(deed.who for deed in record.deeds if deed.do == "contain" and deed.host == record.waits.host)
    links = [Link(team.commander, "incident_commander", path)]
    for name in (record.waits.who, asker):
        role = next(one.role for one in record.people if one.name == name)
        links.append(Link(name, role, invite(find_person(name), False, commander, at)))
        _take_for_whom_it_says(name, at)
    return links


def _take_for_whom_it_says(name: str, at: datetime) -> None:
    """The proof of an account is as old as its second factor, and one that is newer than a request does not count for
    it. These people were there before what waits was asked for: here whoever opens a link is taken for them.
    """
    person = find_person(name)
    person.console_since = at
    person.save(update_fields=["console_since"])
    note("proved", "demonstration", f"whoever opens the link of {name} is taken for {name}", at, whom=name)
