"""Who looks at a page, looked up anew each time."""

from datetime import UTC, datetime

import pytest
from django.http import HttpRequest, QueryDict
from django.test import Client, RequestFactory

from codered.model.errors import Refused, WrongUse
from codered_hq.accounts.models import Account
from codered_hq.console.viewing import CHOSEN, LooksElsewhere, find_viewer
from codered_hq.incidents.models import Duty, Incident, Person
from tests.fixtures.console_desk import make_account, make_person

pytestmark = pytest.mark.django_db


def ask(account: Account, query: str = "", session: dict[str, str] | None = None) -> HttpRequest:
    request = RequestFactory().get(f"/{query}")
    request.user = account.user
    request.session = Client().session
    request.session.update(session or {})
    return request


def declare(name: str) -> Incident:
    return Incident.objects.create(name=name, title=name, declared_at=datetime.now(UTC), declared_by="x")


def test_roles_and_people_are_those_of_this_moment() -> None:
    account = make_account(make_person("Nora", "network"))
    viewer = find_viewer(ask(account))
    assert (viewer.name, set(viewer.roles), viewer.speaker.session) == ("Nora", {"network"}, "console: nora")
    viewer.demand_team()
    with pytest.raises(Refused, match="only an administrator"):
        viewer.demand_administrator()
    Duty.objects.update(until=datetime.now(UTC))
    assert find_viewer(ask(account)).roles == frozenset()
    Person.objects.update(active=False)
    with pytest.raises(Refused, match="Nora: is not in the team any more"):
        find_viewer(ask(account))
    Account.objects.update(disabled_at=datetime.now(UTC))
    with pytest.raises(Refused, match="may not be used any more"):
        find_viewer(ask(account))


def test_somebody_of_no_team_only_looks() -> None:
    viewer = find_viewer(ask(make_account(None, administrator=True)))
    viewer.demand_administrator()
    assert viewer.name == "guest: looker"  # never taken for a person who may be called so
    with pytest.raises(Refused, match="only people of the team"):
        viewer.demand_team()


def test_the_incident_is_the_named_one_then_the_chosen_one_then_the_only_open_one() -> None:
    account, one = make_account(make_person("Nora")), declare("one")
    assert find_viewer(ask(account)).incident == one
    two = declare("two")
    assert find_viewer(ask(account)).incident is None  # several are open: never guessed
    assert find_viewer(ask(account, session={CHOSEN: "two"})).incident == two
    named = ask(account, "?incident=one", {CHOSEN: "two"})
    assert find_viewer(named).incident == one
    assert named.session[CHOSEN] == "two"  # for this page alone
    part = ask(account, "", {CHOSEN: "two"})
    part.META["HTTP_HX_CURRENT_URL"] = "https://hq.example/tasks/?incident=one"
    assert find_viewer(part).incident == one  # a live part is of its page
    Incident.objects.filter(name="two").update(closed_at=datetime.now(UTC))
    assert find_viewer(ask(account, session={CHOSEN: "two"})).incident == one  # what is closed is not chosen for long
    assert find_viewer(ask(account, "?incident=two")).incident == two
    with pytest.raises(WrongUse, match="no incident has this name"):
        find_viewer(ask(account, "?incident=three"))


def test_a_form_acts_on_the_incident_that_its_page_showed() -> None:
    account, one = make_account(make_person("Nora")), declare("one")
    declare("two")
    form = ask(account, "", {CHOSEN: "two"})
    form.POST = QueryDict("shown_incident=one")
    assert find_viewer(form).incident == one
    form.GET = QueryDict("incident=two")
    with pytest.raises(LooksElsewhere, match="this form is of the incident one"):
        find_viewer(form)
