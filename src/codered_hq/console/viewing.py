"""Who looks at a page: account, person, roles as they are now, the incident that is looked at."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.http import HttpRequest

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.following import find_name
from codered_hq.accounts.models import Account
from codered_hq.incidents.current import find_incident_if_any
from codered_hq.incidents.models import Incident
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.roster import find_roles

CHOSEN = "incident"
_SIGN_IN = "sign in again"


class Viewer(NamedTuple):
    """Who is signed in, looked up anew for each request: a role that was taken away counts no more. `incident` is the
    one that is looked at; None if none is open, or several are and none was chosen.
    """

    account: Account
    speaker: Speaker
    roles: frozenset[str]
    incident: Incident | None
    at: datetime

    @property
    def name(self) -> str:
        """What people call him."""
        return self.speaker.name

    def demand_team(self) -> None:
        """Raises Refused unless he is somebody of the team."""
        if self.speaker.person is None:
            raise Refused("only people of the team may do this", where=self.name, advice="an appointer enters them")

    def demand_administrator(self) -> None:
        """Raises Refused unless he may administer the console."""
        if not self.account.administrator:
            raise Refused("only an administrator of the console may do this", where=self.name)


def find_viewer(request: HttpRequest) -> Viewer:
    """Raises Refused for an account that was disabled, or whose person has left the team."""
    at = datetime.now(UTC)
    account = (
        Account.objects.select_related("user", "person").filter(user_id=request.user.pk or 0, disabled_at=None).first()
    )
    if account is None:
        raise Refused("this account may not be used any more", where=str(request.user), advice=_SIGN_IN)
    person = account.person
    if person is not None and not person.active:
        raise Refused("is not in the team any more", where=person.name, advice="codered incident roster add")
    incident = find_chosen_incident(request)
    session = f"console: {account.user.get_username()}"
    speaker = Speaker(person, find_name(account.user), None, session)
    roles = find_roles(person, incident, at) if person else frozenset()
    return Viewer(account, speaker, roles, incident, at)


def find_chosen_incident(request: HttpRequest) -> Incident | None:
    """The one named in the address (?incident=), else the one chosen last, else the only open one."""
    named = request.GET.get(CHOSEN, "")
    chosen = named or str(request.session.get(CHOSEN, ""))
    found = Incident.objects.filter(name=chosen[:64]).first() if chosen else None
    if named and found is None:
        raise WrongUse("no incident has this name", where=named[:64], advice="choose one of the list")
    if found is not None and (named or found.closed_at is None):
        if named:
            request.session[CHOSEN] = found.name
        return found
    try:
        return find_incident_if_any()
    except WrongUse:  # several are open: the page offers them
        return None
