"""Links by which accounts are made: for one person, once, for a day. Only the digest of one is kept."""

import secrets
from contextlib import nullcontext
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.administrators import check_administrator
from codered_hq.accounts.auditing import note
from codered_hq.accounts.models import Account, Invite
from codered_hq.accounts.scopes import check_name, digest_secret
from codered_hq.incidents.appointing import Change, appointing, find_appointers
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import LONGEST_NAME, Speaker

LASTS = timedelta(hours=24)
SECRET_BYTES = 32


def make_path(secret: str) -> str:
    """Where the invited one opens the console."""
    return f"/join/{secret}/"


def make_first_invite(speaker: Speaker, at: datetime) -> str:
    """The path by which the first account is made; "" if there is one already. It is for the person who runs this
    server; where nobody is in the team, for whoever opens it: he says his name and becomes incident commander; else for
    somebody who only looks and administers. Earlier first ones stay open for their day, until one of them is used:
    another server of this headquarters may have printed them.
    """
    if Account.objects.exists():
        return ""
    person = speaker.person if speaker.person is not None and speaker.person.active else None
    name = speaker.name if person is None and Person.objects.filter(active=True).exists() else ""
    return make_path(_store(Invite(person=person, name=name, administrator=True, inviter=person), speaker, at))


def end_first_invites() -> None:
    """The first account is made: no other first link opens anything. Who was invited by somebody keeps his link."""
    own = Q(person=F("inviter")) | Q(person=None, name="") | Q(person=None, name=F("made_by"))
    Invite.objects.filter(own, administrator=True, used_at=None).delete()


def invite(guest: Person | str, administrator: bool, by: Speaker, at: datetime) -> str:
    """The path by which a person of the team, or somebody else (by name, who may only look), makes his account. `at` is
    aware. Raises Refused unless an appointer asks for a person, an administrator for anybody else and for whoever shall
    administer; for somebody who has an account; and for an executive's as the roster does.
    """
    if isinstance(guest, Person):
        if Account.objects.filter(person=guest, disabled_at=None).exists():
            raise Refused("has an account", where=guest.name, advice="codered account reset makes a new link")
        return make_path(_invite_person(Invite(person=guest, administrator=administrator), by, at))
    name = check_name(guest)
    if Person.objects.filter(name__iexact=name).exists():
        raise WrongUse("is a person of the team", where=name, advice="invite the person")
    check_administrator(by, f"an account for {name}")
    return make_path(_store(Invite(name=name, administrator=administrator), by, at))


def invite_again(account: Account, by: Speaker, at: datetime) -> str:
    """The path by which the owner of an account takes a new password and a new second factor, within the caller's
    transaction. Raises Refused.
    """
    said = Invite(person=account.person, account=account, administrator=account.administrator)
    if account.person is not None:
        return make_path(_invite_person(said, by, at))
    check_administrator(by, str(account))
    said.name = account.user.get_username()
    return make_path(_store(said, by, at))


def find_invite(secret: str, at: datetime) -> Invite:
    """The one that this secret opens at this time (aware). Raises Refused if there is none, it is too old, or used."""
    found = Invite.objects.select_related("person", "account").filter(digest=digest_secret(secret)).first()
    advice = "ask who invited you for a new one"
    if found is None:
        raise Refused("this link opens nothing", advice=advice)
    if found.used_at is not None:
        raise Refused("this link was used already", advice=f"sign in; if it was not you, say so at once, and {advice}")
    if found.expires_at <= at:
        raise Refused("this link is older than 24 hours", advice=advice)
    if found.person is not None and not found.person.active:
        raise Refused("is not in the team any more", where=found.person.name, advice=advice)
    return found


def _invite_person(said: Invite, by: Speaker, at: datetime) -> str:
    """An account proves who speaks, as a key does: whoever may enter a key may invite. An appointer who never had one,
    and is proved by his key or his account of this system, may invite himself: he can do no more after than before.
    """
    person = said.person
    assert person is not None
    if not person.active:
        raise Refused("is not in the team any more", where=person.name, advice="codered incident roster add")
    if said.administrator and said.account is None:
        check_administrator(by, f"an administrator's account for {person.name}")
    said.inviter = by.person
    first = not Account.objects.filter(person=person).exists()
    itself = first and by.person == person and not by.session and person.pk in find_appointers(None, at)
    allowed = nullcontext() if itself else appointing(by.person, by.name, Change(person, proof=True), at)
    with transaction.atomic(), allowed:
        Invite.objects.filter(person=person, used_at=None).delete()
        return _store(said, by, at)


def _store(said: Invite, by: Speaker, at: datetime) -> str:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    said.digest, said.made_by, said.made_at, said.expires_at = digest_secret(secret), by.name, at, at + LASTS
    with transaction.atomic():
        said.save()
        whom = said.person.name if said.person else said.name or "the first one"
        what = f"{whom[:LONGEST_NAME]} is invited to the console{' as administrator' if said.administrator else ''}"
        note("invited", by.name, what, at, whom=whom)
    return secret
