"""Accounts in use: finding them, ending them, and giving one new proofs."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.administrators import check_administrator, has_administrator
from codered_hq.accounts.auditing import note
from codered_hq.accounts.inviting import invite_again
from codered_hq.accounts.leaving import close_account, end_programs, end_sessions
from codered_hq.accounts.models import Account, Invite
from codered_hq.incidents.appointing import find_appointers
from codered_hq.incidents.people import LONGEST_NAME, Speaker
from codered_hq.ledger.writing import enter

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def find_account(name: str) -> Account:
    """The account of this user name, or of the person who is called so. Raises WrongUse."""
    accounts = Account.objects.select_related("user", "person")
    found = accounts.filter(user__username__iexact=name).first() or accounts.filter(person__name__iexact=name).first()
    if found is None:
        raise WrongUse("no account is called so", where=name[:LONGEST_NAME], advice="codered account list")
    return found


def has_factor(user: User) -> bool:
    """Whether there is a second factor to sign in with; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def disable(account: Account, by: Speaker, at: datetime) -> None:
    """Nobody signs in by this account any more, who is signed in is signed out, the tokens that it made end, and the
    console proves its person no longer. Raises Refused unless an administrator asks, and for the last one who may
    administer, or may appoint.
    """
    check_administrator(by, str(account))
    if account.disabled_at is not None:
        return
    with transaction.atomic():
        holders = find_appointers(None, at)
        ended = close_account(account, at)
        Invite.objects.filter(account=account, used_at=None).delete()
        if account.administrator and not has_administrator():
            raise Refused("is the last who administers the console", where=str(account), advice="invite another first")
        _end_proof(account, by, at)
        if holders and not find_appointers(None, at):
            what = "is the last who can prove himself as incident_commander or executive"
            raise Refused(what, where=str(account), advice="appoint another one first")
        end_programs(Q(account=account), str(account), by, at)
        note("disabled", by.name, f"account {account} was disabled", at, username=str(account), sessions=str(ended))


def reset(account: Account, by: Speaker, at: datetime) -> str:
    """The path by which the owner takes a new password and new factors; the old ones end at once. Raises Refused as for
    an invitation.
    """
    if account.disabled_at is not None:
        raise Refused("this account was disabled", where=str(account), advice="codered account invite gives it back")
    with transaction.atomic():
        path = invite_again(account, by, at)
        user = account.user
        user.set_unusable_password()
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user=user).delete()
        end_sessions(user)
        note(
            "reset", by.name, f"password and factors of {account} ended; a new link was made", at, username=str(account)
        )
    return path


def _end_proof(account: Account, by: Speaker, at: datetime) -> None:
    person = account.person
    if person is None or person.console_since is None:
        return
    person.console_since = None
    person.save(update_fields=["console_since"])
    enter("roster", by.name, f"the console proves {person.name} no longer", at, detail={"person": person.name})
