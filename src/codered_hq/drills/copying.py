"""The crew of a headquarters, carried into a drill's own: its people, their roles and proofs, the rules in force."""

import hashlib
import shutil
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from django.db import transaction

from codered.model.errors import WrongUse
from codered.signing.keys import load_trusted_keys
from codered_hq.config import APPROVERS_FOLDER
from codered_hq.gate.models import RulesInForce
from codered_hq.gate.rules_in_force import put_in_force
from codered_hq.incidents.models import Duty, Person
from codered_hq.ledger.writing import enter

CREW_NAME: Final = "crew.json"
_FIELDS: Final = ("name", "mail", "phone", "account", "public_key")


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """People by _FIELDS, (role, name, order) of standing duties, the signed rules (none = b"")."""

    people: tuple[tuple[str, str, str, str, str], ...] = ()
    duties: tuple[tuple[str, str, int], ...] = ()
    rules: bytes = b""


def read_crew() -> Crew:
    """That of the headquarters that is open."""
    people = Person.objects.filter(active=True).order_by("pk").values_list(*_FIELDS)
    duties = Duty.objects.filter(incident=None, until=None, person__active=True).order_by("pk")
    held = RulesInForce.objects.filter(until=None).order_by("-pk").first()
    return Crew(
        people=tuple(people), duties=tuple(duties.values_list("role", "person__name", "order")),
        rules=bytes(held.document) if held else b"",
    )  # fmt: skip


def carry(crew: Crew, of: Path, folder: Path) -> None:
    """Lay it, and the keys of those who approve rules, into a drill's folder. Raises OSError."""
    (folder / CREW_NAME).write_bytes(msgspec.json.encode(crew))
    trusted = folder / APPROVERS_FOLDER
    trusted.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in sorted((of / APPROVERS_FOLDER).glob("*.pub")):
        shutil.copyfile(place, trusted / place.name, follow_symlinks=False)


def enter_crew(folder: Path, at: datetime) -> int:
    """Take what was laid into this drill's folder; how many people. Raises WrongUse and Refused."""
    try:
        crew = msgspec.json.decode((folder / CREW_NAME).read_bytes(), type=Crew)
    except FileNotFoundError:
        return 0
    except (OSError, msgspec.DecodeError) as error:
        raise WrongUse(f"can't be read: {error}", where=str(folder / CREW_NAME)) from None
    with transaction.atomic():
        made = {said[0]: Person.objects.create(**dict(zip(_FIELDS, said, strict=True))) for said in crew.people}
        for role, name, order in crew.duties:
            Duty.objects.create(role=role, person=made[name], order=order, since=at)
        digest = hashlib.sha256(msgspec.json.encode(crew)).hexdigest()
        what = f"{len(made)} people and {len(crew.duties)} roles were copied into this drill"
        enter("roster", "drill", what, at, detail={"people": sorted(made), "sha256": digest})
    if crew.rules:
        put_in_force(crew.rules, load_trusted_keys(folder / APPROVERS_FOLDER), "drill", at)
    return len(made)
