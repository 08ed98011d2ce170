"""What a new headquarters lacks before anybody can decide anything in it."""

from datetime import datetime
from typing import NamedTuple

from codered_hq.accounts.models import Account
from codered_hq.gate.rules_in_force import find_rules
from codered_hq.hosts.models import Subnet
from codered_hq.incidents.models import Duty, Person

_ENOUGH = 2
"""People and accounts: a vital machine is cut off by two."""


class Step(NamedTuple):
    """What is to be done, the page (URL name) where it is done or seen, the word of the shell for it ("" = none)."""

    what: str
    page: str
    word: str = ""


def list_lacking(at: datetime) -> list[Step]:
    """What has not been done yet, in its order; none in a headquarters that is ready. `at` is aware."""
    commanders = Duty.objects.filter(role="incident_commander", until=None, person__active=True)
    steps = (
        (Person.objects.filter(active=True).count() >= _ENOUGH, Step("Enter the crisis team", "roster")),
        (commanders.exists(), Step("Appoint an incident commander", "roster")),
        (find_rules(at) is not None, Step("Put rules in force", "rules", "codered rules use FILE")),
        (Account.objects.filter(disabled_at=None).count() >= _ENOUGH, Step("Invite the others", "desk",
                                                                           "codered account invite NAME")),
        (Subnet.objects.exists(), Step("Enter the address plan", "subnets", "codered hosts import FILE")),
    )  # fmt: skip
    return [step for done, step in steps if not done]
