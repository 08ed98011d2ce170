"""Who looks at a page: account, person, roles as they are now, the incident that is looked at."""

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered_hq.accounts.following import find_name
from codered_hq.accounts.models import Account
from codered_hq.incidents.current import find_incident_if_any
from codered_hq.incidents.models import Incident
from codered_hq.incidents.people import Speaker
from codered_hq.incidents.roster import find_roles

CHOSEN = "incident"
SHOWN = "shown_incident"
"""The field of a form that names the incident its page showed."""
_SIGN_IN = "sign in again"


class LooksElsewhere(CodeRedError):
    """A form of one incident was sent to the page of another."""


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
    """The one that the form's page showed; else the one named in the address (?incident=), for this page alone; else
    the one that was chosen, else the only open one. Raises WrongUse, LooksElsewhere.
    """
    shown, named = request.POST.get(SHOWN, ""), _find_named(request)
    if shown and named and shown != named:
        advice = "look at the page of the one that is meant, then do it there"
        raise LooksElsewhere(f"this form is of the incident {shown[:64]}", where=named[:64], advice=advice)
    meant = shown or named
    chosen = meant or str(request.session.get(CHOSEN, ""))
    found = Incident.objects.filter(name=chosen[:64]).first() if chosen else None
    if meant and found is None:
        raise WrongUse("no incident has this name", where=meant[:64], advice="choose one of the list")
    if found is not None and (meant or found.closed_at is None):
        return found
    try:
        return find_incident_if_any()
    except WrongUse:  # several are open: the page offers them
        return None


def _find_named(request: HttpRequest) -> str:
    """What the address names; a live part is of the page that it stands in."""
    if CHOSEN in request.GET:
        return request.GET[CHOSEN]
    return QueryDict(urlsplit(request.headers.get("HX-Current-URL", "")).query).get(CHOSEN, "") or ""
