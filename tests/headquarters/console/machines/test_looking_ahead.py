"""What cutting off comes to, and that another outcome has another sign."""

from datetime import UTC, datetime

from django.test import Client

from codered_hq.accounts.models import Account
from codered_hq.console.machines.looking_ahead import Asked, find_means, look_ahead, name_roles, sign
from codered_hq.console.viewing import Viewer
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.goals import Wish
from codered_hq.incidents.people import Speaker
from tests.fixtures.console_desk import make_person
from tests.headquarters.console.machines.conftest import make_ill


def test_what_cannot_be_done_says_why(desk: Client) -> None:
    account = Account.objects.select_related("person").get()
    viewer = Viewer(account, Speaker(account.person, "Kim", None), frozenset(), None, datetime.now(UTC))
    first, second = make_ill().host, make_ill("web-2", "10.1.0.2").host
    around = Surroundings(find_means().config)
    (one,) = look_ahead(Asked((first,), False, Wish()), around, viewer)
    (other,) = look_ahead(Asked((second,), False, Wish()), around, viewer)
    assert (one.answer, one.orders, one.others) == ("impossible", [], [])
    assert "can't be cut off" in str(one.problem)
    assert sign([one]) == sign([one]) != sign([other])
    make_person("Erika", "executive")
    (role,) = name_roles(("executive", "executive"), None, viewer)
    assert role == ("executive", ("Erika",))
