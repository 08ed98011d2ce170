"""Making an account by an invitation, and what the account proves once it has a second factor."""

import re
from datetime import datetime
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.auditing import note
from codered_hq.accounts.inviting import end_first_invites, find_invite
from codered_hq.accounts.models import Account, Invite
from codered_hq.incidents.appointing import Change, appointing
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import GUEST, PersonCard, Speaker, add_person
from codered_hq.incidents.roster import Assignment, assign
from codered_hq.ledger.writing import enter

LONGEST_PASSWORD = 128
_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.@-]{1,63}")
_FIRST_ROLE = "incident_commander"


class Joining(NamedTuple):
    """What somebody says who takes an invitation; `name`: of the first one, who is not on the roster yet."""

    username: str
    password: str
    name: str = ""


def join(secret: str, said: Joining, at: datetime) -> Account:
    """The account that this invitation makes, or whose password it renews; it has no second factor yet. `at` is aware.
    Raises WrongUse for a name or a password that can't be taken, and Refused for the link.
    """
    with transaction.atomic():
        found = find_invite(secret, at)
        if not Invite.objects.filter(pk=found.pk, used_at=None).update(used_at=at):
            raise Refused("this link was used already", advice="ask who invited you for a new one")
        person = found.person or (None if found.name or found.account else _enter_first(said.name, found, at))
        account = found.account or _find_disabled(person)
        if not Account.objects.exists():
            end_first_invites()
        if account is None:
            user = User(username=check_username(said.username, person))
            account = Account(user=user, person=person, administrator=found.administrator, made_at=at)
        _set_password(account.user, said.password)
        Authenticator.objects.filter(user=account.user).delete()  # who comes back begins with new factors
        account.disabled_at = None
        account.administrator = found.administrator
        account.save()
        Invite.objects.filter(pk=found.pk).update(account=account, person=person)
        who = person.name if person else f"{GUEST}{account.user.get_username()}"
        note("joined", who, f"{who} took the invitation of {found.made_by}", at, username=account.user.get_username())
    return account


def check_username(text: str, owner: Person | None = None) -> str:
    """A name to sign in with, in small letters. Raises WrongUse if it can't be one, is taken, or is the name of a
    person of the team other than its owner.
    """
    name = text.strip().lower()
    if not _USERNAME.fullmatch(name):
        advice = "2 to 64 small letters, digits, dots, dashes; a letter or digit first"
        raise WrongUse("can't be a user name", where=ascii(name[:64])[1:-1], advice=advice)
    if User.objects.filter(username__iexact=name).exists():
        raise WrongUse("this user name is taken", where=name, advice="choose another one")
    others = Person.objects.exclude(pk=owner.pk) if owner else Person.objects.all()
    if _fold(name) in {_fold(each) for each in others.values_list("name", flat=True)}:
        raise WrongUse("this is the name of a person of the team", where=name, advice="choose another one")
    return name


def check_password(password: str, user: User | None = None) -> None:
    """Raises WrongUse for one that is too short, too long, too common or too like the user's name."""
    if len(password) > LONGEST_PASSWORD:
        raise WrongUse(f"is longer than {LONGEST_PASSWORD} signs", where="password", advice="take a shorter one")
    try:
        validate_password(password, user)
    except ValidationError as error:
        advice = "take another one, of 12 signs or more"
        raise WrongUse(" ".join(error.messages), where="password", advice=advice) from None


def prove_person(account: Account, at: datetime) -> bool:
    """The account has its first second factor: from now on (aware) its session proves who speaks, for what is asked for
    from now on. Whether anything changed. Raises Refused if who invited him may not appoint any more.
    """
    person = account.person
    if person is None:
        return False
    with transaction.atomic():
        found = Invite.objects.filter(account=account, used_at__isnull=False).order_by("-used_at", "-pk").first()
        if found is None or (person.console_since is not None and person.console_since >= found.made_at):
            return False
        if found.inviter_id == person.pk:  # his key, or his account of this system, proved him already
            if person.proof_since is not None and person.proof_since > found.made_at:
                what = "what proves this person was changed since the link was made"
                raise Refused(what, where=person.name, advice="ask for another link")
            _renew_proof(person, at)
        else:
            with appointing(found.inviter, found.made_by, Change(person, proof=True), at):
                _renew_proof(person, at)
        what = f"{person.name} is proved by the console: invited by {found.made_by}"
        enter("roster", found.made_by, what, at, detail={"person": person.name, "account": str(account)})
    return True


def _renew_proof(person: Person, at: datetime) -> None:
    person.console_since = person.proof_since = at
    person.save(update_fields=["console_since", "proof_since"])


def _enter_first(name: str, found: Invite, at: datetime) -> Person:
    if Person.objects.filter(active=True).exists():
        what = "somebody was entered in the team since this link was made"
        raise Refused(what, advice="start the server again: it prints another one")
    speaker = Speaker(None, found.made_by, None)
    person = add_person(PersonCard(name=name), at, speaker)
    assign(None, person, Assignment(_FIRST_ROLE), speaker, at)
    return person


def _fold(name: str) -> str:
    """Anna Berg, anna-berg and anna.berg are one to who reads them."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _find_disabled(person: Person | None) -> Account | None:
    """Somebody whose account was disabled gets it back."""
    return Account.objects.select_related("user").filter(person=person).first() if person else None


def _set_password(user: User, password: str) -> None:
    check_password(password, user)
    user.set_password(password)
    user.is_active = True
    user.save()
