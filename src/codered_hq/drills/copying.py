"""The crew of a headquarters, carried into a drill's own: its people, their roles and proofs, their accounts of the
console (password and second factors, so that they sign in there as here), the rules in force.
"""

import hashlib
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction

from codered.model.errors import WrongUse
from codered.signing.keys import load_trusted_keys
from codered_hq.accounts.models import Account
from codered_hq.config import APPROVERS_FOLDER
from codered_hq.gate.models import RulesInForce
from codered_hq.gate.rules_in_force import put_in_force
from codered_hq.incidents.models import Duty, Person
from codered_hq.ledger.writing import enter

CREW_NAME: Final = "crew.json"
_FACTORS = "allauth.mfa"  # where second factors stand, if the console is installed
_MOST_BYTES: Final = 1 << 24
_FIELDS: Final = ("name", "mail", "phone", "account", "public_key", "proof_since", "console_since")
_Person = tuple[str, str, str, str, str, datetime | None, datetime | None]


class CarriedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the console: the hash of its password, its second factors (kind, data), whose it is ("" = somebody
    who only looks).
    """

    username: str
    password: str
    person: str
    administrator: bool
    made_at: datetime
    factors: tuple[tuple[str, dict[str, Any]], ...]


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """People by _FIELDS, (role, name, order) of standing duties, accounts, the signed rules (none = b"")."""

    people: tuple[_Person, ...] = ()
    duties: tuple[tuple[str, str, int], ...] = ()
    accounts: tuple[CarriedAccount, ...] = ()
    rules: bytes = b""


def read_crew() -> Crew:
    """That of the headquarters that is open."""
    people = Person.objects.filter(active=True).order_by("pk").values_list(*_FIELDS)
    duties = Duty.objects.filter(incident=None, until=None, person__active=True).order_by("pk")
    held = RulesInForce.objects.filter(until=None).order_by("-pk").first()
    return Crew(
        people=tuple(people), duties=tuple(duties.values_list("role", "person__name", "order")),
        accounts=_read_accounts(), rules=bytes(held.document) if held else b"",
    )  # fmt: skip


def carry(crew: Crew, of: Path, folder: Path) -> None:
    """Lay it, and the keys of those who approve rules, into a drill's folder, for its owner alone. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    with open(os.open(folder / CREW_NAME, flags, 0o600), "wb") as file:
        file.write(msgspec.json.encode(crew))
    trusted = folder / APPROVERS_FOLDER
    trusted.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in sorted((of / APPROVERS_FOLDER).glob("*.pub")):
        shutil.copyfile(place, trusted / place.name, follow_symlinks=False)


def enter_crew(folder: Path, at: datetime) -> int:
    """Take what was laid into this drill's folder, once: the file goes, as it holds what signs people in. How many
    people. Raises WrongUse and Refused.
    """
    crew = _read_laid(folder / CREW_NAME)
    if crew is None:
        return 0
    with transaction.atomic():
        made = {said[0]: Person.objects.create(**dict(zip(_FIELDS, said, strict=True))) for said in crew.people}
        for role, name, order in crew.duties:
            Duty.objects.create(role=role, person=made[name], order=order, since=at)
        accounts = _enter_accounts(crew, made)
        digest = hashlib.sha256(msgspec.json.encode([crew.people, crew.duties])).hexdigest()
        what = f"{len(made)} people and {len(crew.duties)} roles were copied into this drill"
        told = {"people": sorted(made), "accounts": accounts, "sha256": digest}
        enter("roster", "drill", what, at, detail=told)
    if crew.rules:
        put_in_force(crew.rules, load_trusted_keys(folder / APPROVERS_FOLDER), "drill", at)
    (folder / CREW_NAME).unlink()
    return len(made)


def _read_laid(place: Path) -> Crew | None:
    try:
        with open(os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=Crew)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise WrongUse(f"can't be read: {error}", where=str(place)) from None


def _read_accounts() -> tuple[CarriedAccount, ...]:
    """Those in use; none where the console is not installed: what signs people in stands in its tables."""
    if not apps.is_installed(_FACTORS):
        return ()
    factors: dict[int, list[tuple[str, dict[str, Any]]]] = {}
    authenticators = apps.get_model(_FACTORS.rpartition(".")[2], "Authenticator")
    for user, kind, data in authenticators.objects.order_by("pk").values_list("user_id", "type", "data"):
        factors.setdefault(user, []).append((str(kind), data))
    rows = Account.objects.filter(disabled_at=None).exclude(person__active=False).select_related("user", "person")
    return tuple(
        CarriedAccount(
            username=row.user.get_username(), password=row.user.password,
            person=row.person.name if row.person else "", administrator=row.administrator, made_at=row.made_at,
            factors=tuple(factors.get(row.user_id, ())),
        )
        for row in rows.order_by("pk")
    )  # fmt: skip


def _enter_accounts(crew: Crew, people: dict[str, Person]) -> list[str]:
    """Rows as they were: nobody is invited anew. Gives the user names."""
    if not crew.accounts or not apps.is_installed(_FACTORS):
        return []
    authenticators = apps.get_model(_FACTORS.rpartition(".")[2], "Authenticator")
    for one in crew.accounts:
        user = User.objects.create(username=one.username, password=one.password)
        person = people[one.person] if one.person else None
        Account.objects.create(user=user, person=person, administrator=one.administrator, made_at=one.made_at)
        for kind, data in one.factors:
            authenticators.objects.create(user=user, type=kind, data=data)
    return [one.username for one in crew.accounts]
