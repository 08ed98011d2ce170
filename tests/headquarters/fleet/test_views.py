"""A run as people and programs see it."""

from pathlib import Path

import msgspec
import pytest

from codered_hq.fleet.models import Schedule
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import begin_run, carry_on
from codered_hq.fleet.views import RunView, view_run, view_runs, view_schedule
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_report, make_report, now, quiet

pytestmark = pytest.mark.django_db


def test_every_host_has_a_line_and_only_a_whole_run_is_whole(tmp_path: Path) -> None:
    ill, partly = answer_report(make_report("/x")), answer_report(make_report(gaps=1))
    fleet = PlayedFleet(PlayedHost("a"), PlayedHost("b", ill), PlayedHost("c", partly))
    hosts = [make_host(name, f"10.1.0.{number}", owner="shop") for number, name in enumerate("abcd", 1)]
    means = fleet.means(tmp_path)
    run = carry_on(begin_run("scan", hosts, Wish(incident="i-1"), now()), means, quiet)
    view = view_run(run)
    assert (view.counts, view.found, view.whole, view.incident) == ({"answered": 3, "queued": 1}, 1, False, "i-1")
    assert [(task.name, task.owner, task.state, task.verdict, task.case) for task in view.hosts] == [
        ("a", "shop", "answered", "clean", "unknown"), ("b", "shop", "answered", "infected", "infected"),
        ("c", "shop", "answered", "incomplete", "unknown"), ("d", "shop", "queued", "", "unknown"),
    ]  # fmt: skip
    assert msgspec.json.decode(msgspec.json.encode(view), type=RunView) == view
    whole = {}
    for host in hosts[:3]:
        one = carry_on(begin_run("scan", [host], Wish(), now()), means, quiet)
        whole[host.label] = (view_run(one).whole, view_run(one).found)
    assert whole == {"a": (True, 0), "b": (True, 1), "c": (False, 0)}
    assert [len(each.hosts) for each in view_runs().runs] == [0] * 4
    schedule = Schedule.objects.create(
        word="scan", every_seconds=3600, next_at=NOW, selection={"names": [], "tags": ["web"], "owner": ""}
    )
    assert view_schedule(schedule).selection == {"tags": ["web"]}
