"""The one door through which changes go to hosts: every apply and every rollback is ordered here, and nowhere else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from codered.model.errors import Refused, WrongUse
from codered_hq.fleet.models import FleetRun
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.plan_documents import read_plan_document
from codered_hq.fleet.running import PlanDocument, begin_run
from codered_hq.hosts.models import Host

ChangingWord = Literal["apply", "rollback"]


def order_change(
    word: ChangingWord, hosts: Sequence[Host], plans: dict[int, PlanDocument], wish: Wish, at: datetime
) -> FleetRun:
    """A run that changes hosts, each by exactly the plan that is stored for it. Nothing is sent yet. Raises Refused for
    a plan that is not what it was, and WrongUse for a host without one: then there is no run.
    """
    if not hosts:
        raise WrongUse("there is nothing to change", advice="codered fleet plan makes plans")
    for host in hosts:
        known = plans.get(host.pk)
        if known is None:
            raise WrongUse("there is no plan for it", where=host.label, advice="codered fleet plan makes one")
        if read_plan_document(known.plan, host.label).digest != known.digest:
            advice = "have it made anew: codered fleet plan"
            raise Refused("the stored plan is not the one that was made", where=host.label, advice=advice)
    return begin_run(word, hosts, wish, at, plans)
