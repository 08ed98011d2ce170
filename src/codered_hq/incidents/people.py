"""People of the crisis team: who is known, and who it is that speaks, proved by a key or by the system's account."""

import os
import pwd
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from codered.model.errors import Refused, WrongUse
from codered.signing.keys import load_private_key, load_public_key, name_key, public_bytes
from codered_hq.hosts.models import TEXT
from codered_hq.incidents.appointing import Change, appointing
from codered_hq.incidents.models import Person
from codered_hq.ledger.writing import enter

LONGEST_NAME = 80
GUEST = "guest: "
"""How the name of somebody begins who is not in the team; nobody of the team is called so."""
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,62}\$?")
_MAIL = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,180}")
_PHONE = re.compile(r"[0-9+*#(][0-9 +*#()/.-]{1,38}")
_PROOFS = frozenset(["account", "public_key"])
_ENTER_IT = "codered incident roster add --public-key"
_SHOW_IT = "show it: --key FILE (or CODERED_KEY)"


class Speaker(NamedTuple):
    """Who asks, votes or writes. `person` is None for an account that nobody of the team has: then `name` is that
    account's. `key` is what he signs with, if he showed one; `session` names the session of the console (account and
    second factor) that proves him instead.
    """

    person: Person | None
    name: str
    key: Ed25519PrivateKey | None
    session: str = ""


class PersonCard(NamedTuple):
    """What is said of a person; "" = nothing. `public_key_file` holds the public half of his Ed25519 key as PEM."""

    name: str
    mail: str = ""
    phone: str = ""
    account: str = ""
    public_key_file: str = ""


def find_account() -> str:
    """The account of the system that runs this process. What the environment says (SUDO_USER) proves nothing."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def speak(name: str, key_file: str) -> Speaker:
    """Who speaks, proved. Without a name: whose key this is, else whose account this process runs under, else that
    account itself. Raises Refused for a proof that is missing or wrong, and WrongUse.
    """
    key = load_private_key(Path(key_file)) if key_file else None
    person = find_person(name) if name else _recognize(key)
    if person is None:
        return Speaker(None, find_account(), None)
    if not person.active:
        raise Refused("is not in the team any more", where=person.name, advice="codered incident roster add")
    if person.public_key:
        if key is None:
            raise Refused("speaks with a key, and none was shown", where=person.name, advice=_SHOW_IT)
        if public_bytes(key).hex() != person.public_key:
            raise Refused("this is not the key that is known of this person", where=person.name, advice=_SHOW_IT)
        return Speaker(person, person.name, key)
    if not person.account or person.account != find_account():
        what = f"can't be proved: you are {find_account()}"
        advice = "run it under the account of this person, or have a key entered: roster add --public-key"
        raise Refused(what, where=person.name, advice=advice)
    return Speaker(person, person.name, None)


def find_person(name: str) -> Person:
    """The person of this name, active or not. Raises WrongUse if nobody is called so."""
    found = Person.objects.filter(name=name).first() or Person.objects.filter(name__iexact=name).first()
    if found is None:
        raise WrongUse("nobody is called so", where=name[:LONGEST_NAME], advice="codered incident roster show")
    return found


def add_person(card: PersonCard, at: datetime, speaker: Speaker) -> Person:
    """Enter a person, or what is new about one; who was removed is active again. The speaker says so, at this time
    (aware). Raises WrongUse; Refused if the speaker may not, and for an account or a key that is another person's: one
    human would count as two.
    """
    said = _read_card(card)
    with transaction.atomic():
        person = Person.objects.filter(name__iexact=card.name.strip()).first() or Person(name=card.name.strip())
        _refuse_twins(person, said)
        new = person.pk is None or not person.active
        changed = {field: value for field, value in said.items() if value and getattr(person, field) != value}
        if not new and not changed:
            return person
        proof = new or not changed.keys().isdisjoint(_PROOFS)
        with appointing(speaker.person, speaker.name, Change(person, proof=proof), at):
            for field, value in changed.items():
                setattr(person, field, value)
            person.active = True
            person.proof_since = at if proof else person.proof_since
            person.save()
            what = f"{person.name} is in the team" if new else f"{person.name}: {', '.join(sorted(changed))} changed"
            enter("roster", speaker.name, what, at, detail={"person": person.name, **changed})
    return person


def remove_person(name: str, at: datetime, speaker: Speaker) -> Person:
    """Take a person out of the team: all duties end, no vote of this person counts any more, and the console proves
    him no longer (accounts.leaving ends his account too). Raises WrongUse, and Refused if the speaker may not.
    """
    with transaction.atomic():
        person = find_person(name)
        if not person.active:
            return person
        with appointing(speaker.person, speaker.name, Change(person), at):
            person.active, person.console_since = False, None  # entered again, he is proved anew
            person.save(update_fields=["active", "console_since"])
            duties = person.duties.filter(until=None)
            roles = sorted({duty.role for duty in duties})
            duties.update(until=at)
            detail = {"person": person.name, "roles": roles}
            enter("roster", speaker.name, f"{person.name} left the team", at, detail=detail)
    return person


def _recognize(key: Ed25519PrivateKey | None) -> Person | None:
    if key is not None:
        public = public_bytes(key)
        if (found := Person.objects.filter(public_key=public.hex(), active=True).first()) is None:
            raise Refused("this key is nobody's", where=name_key(public), advice=_ENTER_IT)
        return found
    return Person.objects.filter(account=find_account(), active=True).first()


def _read_card(card: PersonCard) -> dict[str, str]:
    """What is said of a person, checked: some of it ends in the headers of mails."""
    name = card.name.strip()
    taken = name.lower().startswith(("-", "#", "@", GUEST.strip()))
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or taken:
        advice = f"give a name of at most {LONGEST_NAME} signs, without control signs"
        raise WrongUse("is no name", where=ascii(name[:LONGEST_NAME])[1:-1], advice=advice)
    for word, value, pattern in (
        ("--mail", card.mail, _MAIL), ("--phone", card.phone, _PHONE), ("--account", card.account, _ACCOUNT),
    ):  # fmt: skip
        if value and (len(value) > TEXT or not pattern.fullmatch(value)):
            raise WrongUse("can't be one", where=f"{word} {ascii(value[:LONGEST_NAME])[1:-1]}", advice="see --help")
    public = load_public_key(Path(card.public_key_file)).hex() if card.public_key_file else ""
    return {"mail": card.mail, "phone": card.phone, "account": card.account, "public_key": public}


def _refuse_twins(person: Person, said: dict[str, str]) -> None:
    others = Person.objects.filter(active=True).exclude(pk=person.pk)
    for field, word in (("account", "account"), ("public_key", "key")):
        value = said[field] or getattr(person, field)
        if value and (other := others.filter(**{field: value}).first()) is not None:
            advice = "each person needs one of his own: two approvals must be two people"
            raise Refused(f"this {word} is {other.name}'s already", where=person.name, advice=advice)
