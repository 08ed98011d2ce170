"""How near the team is to nobody being able to appoint any more."""

from datetime import datetime

from allauth.mfa.models import Authenticator

from codered_hq.accounts.models import Account
from codered_hq.incidents.appointing import find_appointers
from codered_hq.incidents.models import Person

_ADVICE = "appoint a second incident_commander or executive, who proves himself too"


def find_weakness(at: datetime) -> str:
    """A sentence, while one person alone may appoint and only the console proves him; "" else. `at` is aware. Who loses
    his second factor then has nobody who could give him a new link: his recovery codes are all there is.
    """
    holders = find_appointers(None, at)
    if len(holders) != 1:
        return ""
    person = Person.objects.get(pk=next(iter(holders)))
    if person.public_key or person.account:
        return ""
    left = count_codes(person)
    codes = f"he has {left} recovery codes left" if left else "he has no recovery codes"
    return f"{person.name} alone may appoint, and only the console proves him; {codes}: {_ADVICE}"


def count_codes(person: Person) -> int:
    """How many recovery codes of his account were not used."""
    account = Account.objects.filter(person=person, disabled_at=None).first()
    kind = Authenticator.Type.RECOVERY_CODES
    found = Authenticator.objects.filter(user=account.user_id, type=kind).first() if account else None
    return len(found.wrap().get_unused_codes()) if found else 0
