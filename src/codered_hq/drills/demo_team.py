"""The crisis team of the demonstration: the people of its record, invented ones for the roles that it leaves empty, all
with keys; and the rules that they agreed on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.signing.keys import load_or_make_key, load_trusted_keys
from codered_hq.config import APPROVERS_FOLDER
from codered_hq.drills.demo_record import RecordedPerson
from codered_hq.gate.rules_in_force import put_in_force
from codered_hq.incidents.people import PersonCard, Speaker, add_person, find_person
from codered_hq.incidents.roster import Assignment, assign
from codered_hq.rules.samples import read_sample
from codered_hq.rules.signing import sign_rules

PEOPLE_FOLDER: Final = "people"
LAST: Final = timedelta(days=120)
"""Until the rules are to be looked at again."""
_APPROVES: Final = "executive"
_INVENTED: Final = (
    ("Lena", "legal"), ("Carlo", "communications"), ("Selma", "security"), ("Sven", "systems"),
    ("Anna", "applications"), ("Hedda", "helpdesk"), ("Paul", "project_manager"), ("Silja", "scribe"),
    ("Luis", "liaison"),
)  # fmt: skip
"""Name and role; each is the backup of the next one."""


class Team:
    """Who speaks, by role or by name. The keys lie in the folder, so that words can be said with --as and --key."""

    def __init__(self, folder: Path, people: Sequence[RecordedPerson]) -> None:
        self._folder = folder / PEOPLE_FOLDER
        self.members = (*people, *_invent(people[0].name))
        self._first = {one.role: one.name for one in reversed(self.members) if not one.backup}

    @property
    def commander(self) -> str:
        """The name of who commands."""
        return self._first["incident_commander"]

    def speak(self, role: str) -> Speaker:
        """The first choice of a role, with his key."""
        return self.speak_as(self._first[role])

    def speak_as(self, name: str) -> Speaker:
        """Somebody of the team, with his key."""
        return Speaker(find_person(name), name, self._find_key(name))

    def enter(self, at: datetime) -> None:
        """Everybody is in the roster at this time (aware), by whom the record says."""
        for number, member in enumerate(self.members):
            speaker = self.speak_as(member.by) if member.by else Speaker(None, "installation", None)
            self._find_key(member.name)
            card = PersonCard(
                name=member.name, mail=f"{member.name.lower()}@corp.example", phone=f"+1 555 0{120 + number}",
                public_key_file=f"{self._name_key(member.name)}.pub",
            )  # fmt: skip
            person = add_person(card, at, speaker)
            assign(None, person, Assignment(member.role, member.backup), speaker, at)

    def put_rules(self, folder: Path, at: datetime) -> None:
        """The shipped rules, in an executive's name and for some months to come, are in force at this time (aware)."""
        approver = self._first[_APPROVES]
        review = (at + LAST).date().isoformat()
        text = read_sample().decode().replace("NAME OF THE APPROVER", approver).replace("2027-01-01", review)
        text = text.replace("on: 2026-10-01", f"on: {at.date().isoformat()}")
        trusted = folder / APPROVERS_FOLDER
        trusted.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = self._name_key(approver)
        (trusted / f"{key.stem}.pub").write_bytes(Path(f"{key}.pub").read_bytes())
        signed = sign_rules(text.encode(), self._find_key(approver))
        put_in_force(signed, load_trusted_keys(trusted), self.commander, at)

    def _name_key(self, name: str) -> Path:
        return self._folder / f"{name.lower()}.key"

    def _find_key(self, name: str) -> Ed25519PrivateKey:
        return load_or_make_key(self._name_key(name))


def _invent(by: str) -> list[RecordedPerson]:
    """Two lines for each: his own role, and whose backup he is."""
    roles = [role for _, role in _INVENTED]
    backups = [*roles[1:], roles[0]]
    return [
        RecordedPerson(name=name, role=role, backup=backup, by=by)
        for (name, own), other in zip(_INVENTED, backups, strict=True)
        for role, backup in ((own, False), (other, True))
    ]
