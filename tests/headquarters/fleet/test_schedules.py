"""What may be scheduled; what is due is tested with the queue."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.fleet.cases import WATCH, advance
from codered_hq.fleet.models import Schedule
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.queue import work_queue
from codered_hq.fleet.schedules import Wanted, add_schedule
from codered_hq.hosts.finding import Selection
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import PlayedFleet, now, quiet

pytestmark = pytest.mark.django_db


def test_what_can_t_be_scheduled_and_a_watch_that_is_over(tmp_path: Path) -> None:
    good = Wanted(word="scan", selection=Selection(tags=("none",)), wish=Wish(), every=timedelta(hours=1))
    for changed in ({"word": "apply"}, {"every": timedelta(seconds=1)}, {"until": now() - timedelta(hours=1)}):
        with pytest.raises(WrongUse):
            add_schedule(msgspec.structs.replace(good, **changed), now())
    add_schedule(good, now())
    host = make_host("web-1", "10.1.0.1")
    for event in ("infected", "cleaned", "verified", "verified"):
        advance(host, event, now() - WATCH, "x")
    said: list[str] = []
    done = work_queue(PlayedFleet().means(tmp_path), now(), quiet, said.append)
    assert (done.closed, said) == (1, [f"schedule {Schedule.objects.get().pk}: no host fits now"])
