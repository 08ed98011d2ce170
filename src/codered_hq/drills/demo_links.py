"""Links by which people of the demonstration get their accounts: who commands, and who says yes with him."""

from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from codered_hq.accounts.inviting import invite, make_first_invite
from codered_hq.drills.demo_team import COMMANDER, Team
from codered_hq.incidents.people import find_person

_OTHERS: Final = (("business", "executive"), ("executive", "business"))
"""A role whose first choice is invited, and who invites him: both are executives, nobody invites himself."""


class Link(NamedTuple):
    """For whom (name and role) it is, and the path of the console that he opens."""

    name: str
    role: str
    path: str


def make_demo_links(folder: Path, at: datetime) -> list[Link]:
    """One for the commander, who administers too, and one for each of two who vote with her, at this time (aware); none
    if there is an account already. The demonstration must be loaded into this folder.
    """
    team = Team(folder)
    path = make_first_invite(team.speak(COMMANDER.role), at)
    if not path:
        return []
    links = [Link(COMMANDER.name, COMMANDER.role, path)]
    for role, by in _OTHERS:
        name = team.speak(role).name
        links.append(Link(name, role, invite(find_person(name), False, team.speak(by), at)))
    return links
