"""Beginning a run once, however often somebody asks for it in the same minute."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from django.db import transaction

from codered_hq.fleet.models import FleetRun
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import PlanDocument, begin_run
from codered_hq.hosts.models import Host
from codered_hq.ledger.writing import take_turn
from codered_hq.opening import be_patient

SAME_WITHIN = timedelta(minutes=1)
LookingWord = Literal["scan", "plan"]


def begin_once(
    word: LookingWord, hosts: Sequence[Host], wish: Wish, at: datetime, plans: dict[int, PlanDocument] | None = None
) -> tuple[FleetRun, bool]:
    """A run of a word that changes nothing, and whether it is new: the same, of the same hosts, that was begun less
    than a minute before this time (aware) and has not ended is given instead.
    """

    def begin() -> tuple[FleetRun, bool]:
        with transaction.atomic():
            take_turn()
            known = _find_same(word, hosts, wish, at)
            if known:
                return known, False
            if word == "scan":
                return begin_run("scan", hosts, wish, at, plans), True
            return begin_run("plan", hosts, wish, at, plans), True

    return be_patient(begin)


def _find_same(word: LookingWord, hosts: Sequence[Host], wish: Wish, at: datetime) -> FleetRun | None:
    wanted = {host.pk for host in hosts}
    asked = msgspec.json.decode(msgspec.json.encode(wish))  # as the database gives it back
    rows = FleetRun.objects.filter(word=word, started__gte=at - SAME_WITHIN).exclude(state__in=("done", "stopped"))
    for run in rows.order_by("-pk"):
        numbers = set(run.hosts.exclude(state="given_up").values_list("host", flat=True))
        if numbers == wanted and run.wish == asked:
            return run
    return None
