"""The crisis team of the demonstration: invented people with keys, their roles, and the rules that they agreed on."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.signing.keys import load_or_make_key, load_trusted_keys
from codered_hq.config import APPROVERS_FOLDER
from codered_hq.gate.rules_in_force import put_in_force
from codered_hq.incidents.people import PersonCard, Speaker, add_person, find_person
from codered_hq.incidents.roster import Assignment, assign
from codered_hq.rules.samples import read_sample
from codered_hq.rules.signing import sign_rules

PEOPLE_FOLDER: Final = "people"
APPROVER: Final = "Jonas Weber"


class Member(NamedTuple):
    """Somebody, what he is first choice for, and whose backup he is ("" = nobody's)."""

    name: str
    role: str
    backup: str = ""


COMMANDER: Final = Member("Mara Lindqvist", "incident_commander")
TEAM: Final = (
    COMMANDER,
    Member(APPROVER, "executive"),
    Member("Aylin Demir", "business", "executive"),
    Member("Petra Novak", "legal"),
    Member("Tom Okafor", "communications", "legal"),
    Member("Ines Duarte", "security", "incident_commander"),
    Member("Viktor Horn", "network", "security"),
    Member("Lea Fontaine", "systems", "network"),
    Member("Samir Haddad", "applications", "systems"),
    Member("Greta Olsen", "helpdesk", "communications"),
    Member("Paul Brenner", "project_manager", "business"),
    Member("Nina Rossi", "scribe", "helpdesk"),
    Member("Dirk Claes", "liaison", "scribe"),
)


class Team:
    """Who speaks by role. Made once; the keys lie in the folder, so that words can be said with --as and --key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / PEOPLE_FOLDER
        self._by_role = {member.role: member for member in TEAM}

    def speak(self, role: str) -> Speaker:
        """The first choice of a role, with his key."""
        name = self._by_role[role].name
        return Speaker(find_person(name), name, self._find_key(name))

    def enter(self, at: datetime) -> None:
        """Everybody is in the roster at this time (aware): the commander first, who appoints the others."""
        speaker = Speaker(None, "installation", None)
        for member in TEAM:
            self._find_key(member.name)
            first = member.name.split()[0].lower()
            card = PersonCard(
                name=member.name, mail=f"{first}@corp.example", phone=f"+49 731 555 {20 + TEAM.index(member)}",
                public_key_file=str(self._name_key(member.name)) + ".pub",
            )  # fmt: skip
            person = add_person(card, at, speaker)
            assign(None, person, Assignment(member.role), speaker, at)
            speaker = self.speak(COMMANDER.role)
            if member.backup:
                chief = self.speak("executive") if member.backup == "executive" else speaker
                assign(None, person, Assignment(member.backup, backup=True), chief, at)

    def put_rules(self, folder: Path, at: datetime) -> None:
        """The shipped rules, in an approver's name and for some months to come, are in force at this time (aware)."""
        review = (at + timedelta(days=120)).date().isoformat()
        text = read_sample().decode().replace("NAME OF THE APPROVER", APPROVER).replace("2027-01-01", review)
        text = text.replace("on: 2026-10-01", f"on: {at.date().isoformat()}")
        trusted = folder / APPROVERS_FOLDER
        trusted.mkdir(mode=0o700, parents=True, exist_ok=True)
        public = Path(f"{self._name_key(APPROVER)}.pub").read_bytes()
        (trusted / "jonas.pub").write_bytes(public)
        signed = sign_rules(text.encode(), self._find_key(APPROVER))
        put_in_force(signed, load_trusted_keys(trusted), APPROVER, at)

    def _name_key(self, name: str) -> Path:
        return self._folder / f"{name.split(maxsplit=1)[0].lower()}.key"

    def _find_key(self, name: str) -> Ed25519PrivateKey:
        return load_or_make_key(self._name_key(name))
