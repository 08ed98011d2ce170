"""What ends with a person of the team, and with an account: proof, sessions, tokens. Who comes back begins anew."""

from datetime import datetime

from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from codered.model.errors import Refused
from codered_hq.accounts.administrators import has_administrator
from codered_hq.accounts.auditing import note
from codered_hq.accounts.models import Account, AgentKey, Invite, Token
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker, find_person, remove_person

MOST_NAMED = 20


def leave_team(name: str, at: datetime, speaker: Speaker) -> Person:
    """Take a person out of the team, and end what proved him: his account, its password and sessions, invitations that
    wait for him, the tokens that he made. `at` is aware. Raises WrongUse; Refused if the speaker may not, and for the
    last one who administers the console.
    """
    with transaction.atomic():
        account = Account.objects.filter(person=find_person(name)).select_related("user").first()
        administers = account is not None and account.administrator and account.disabled_at is None
        person = remove_person(name, at, speaker)
        if administers and not has_administrator():
            raise Refused("is the last who administers the console", where=person.name, advice="invite another first")
        Invite.objects.filter(person=person, used_at=None).delete()
        if account is not None:
            close_account(account, at)
        end_programs(Q(person=person) | Q(account__person=person), person.name, speaker, at)
    return person


def close_account(account: Account, at: datetime) -> int:
    """Nobody signs in by it any more, and its password and sessions are void for good, within the caller's transaction.
    How many sessions ended.
    """
    user = account.user
    account.disabled_at = account.disabled_at or at
    account.save(update_fields=["disabled_at"])
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(is_active=False, password=user.password)
    return end_sessions(user)


def end_sessions(user: User) -> int:
    """Sign this account out everywhere. How many sessions ended; none are known where no console is installed."""
    if not apps.is_installed("allauth.usersessions"):
        return 0
    sessions = list(apps.get_model("usersessions", "UserSession").objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def end_programs(made_by: Q, name: str, speaker: Speaker, at: datetime) -> None:
    """Tokens of this maker end; keys of agents that he entered stay, as headquarters would be blind without them: the
    ledger and the page of programs name them for a decision.
    """
    tokens = list(Token.objects.filter(made_by, revoked_at=None).order_by("pk"))
    Token.objects.filter(pk__in=[token.pk for token in tokens]).update(revoked_at=at)
    for token in tokens:
        note("token-revoked", speaker.name, f"token {token.name} ended with {name}, who made it", at, token=token.name)
    agents = list(AgentKey.objects.filter(made_by, revoked_at=None).order_by("name").values_list("name", flat=True))
    if agents:
        more = f" and {len(agents) - MOST_NAMED} more" if len(agents) > MOST_NAMED else ""
        what = f"keys of agents that {name} entered still hold; decide on {', '.join(agents[:MOST_NAMED])}{more}"
        note("agents-to-decide", speaker.name, what, at, agents=" ".join(agents))
