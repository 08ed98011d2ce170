"""Who may administer the console: make accounts, tokens and keys, and end sessions."""

from codered.model.errors import Refused
from codered_hq.accounts.models import Account
from codered_hq.incidents.people import Speaker

SESSION = "console: "
_ASK = "ask an administrator of the console"


def find_speakers_account(speaker: Speaker) -> Account | None:
    """The account in use of who speaks: that of the person, or that of the console's session; None if there is none."""
    accounts = Account.objects.filter(disabled_at=None).select_related("user", "person")
    if speaker.person is not None:
        return accounts.filter(person=speaker.person).first()
    if speaker.session.startswith(SESSION):
        return accounts.filter(user__username=speaker.session.removeprefix(SESSION), person=None).first()
    return None


def has_administrator() -> bool:
    """Whether anybody who can sign in may administer the console."""
    return Account.objects.filter(disabled_at=None, administrator=True).exclude(person__active=False).exists()


def check_administrator(speaker: Speaker, what: str) -> None:
    """Raises Refused unless who speaks administers the console, or nobody does yet. `what` is what he would do."""
    account = find_speakers_account(speaker)
    if (account is None or not account.administrator) and has_administrator():
        raise Refused(f"{speaker.name} does not administer the console", where=what, advice=_ASK)
