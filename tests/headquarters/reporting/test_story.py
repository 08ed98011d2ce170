"""The facts of an incident are those of the database; nothing of another incident is among them."""

from datetime import timedelta

import pytest

from codered_hq.containment.models import Containment
from codered_hq.fleet.cases import Event, advance
from codered_hq.gate.models import Decision
from codered_hq.hosts.models import Host
from codered_hq.incidents.models import Incident
from codered_hq.reporting.story import make_story
from tests.fixtures.inventories import HOUR, NOW, make_host

pytestmark = pytest.mark.django_db


def make_incident(**given: object) -> Incident:
    told = {"title": "T", "declared_at": NOW, "declared_by": "x", "name": "worm"}
    return Incident.objects.create(**{**told, **given})


def move(host: Host, *events: tuple[Event, int]) -> None:
    for event, hours in events:
        advance(host, event, NOW + hours * HOUR, "x")


def test_nothing_is_known_before_anything_was_found() -> None:
    make_host("pc", "10.1.0.9")
    story = make_story(make_incident(), NOW)
    assert (story.affected, story.cut_off, story.first_at, story.clean_at, story.way_in) == (0, 0, None, None, ())


def test_from_the_first_machine_to_the_lesson() -> None:
    old, web, shop, pc = (
        make_host(name, f"10.1.0.{number}") for number, name in enumerate(("old", "web", "shop", "pc"))
    )
    move(old, ("infected", -90), ("cleaned", -89), ("verified", -88), ("verified", -87), ("watched", -10))
    incident = make_incident()
    move(web, ("infected", 1), ("contained", 2), ("cleaned", 4), ("verified", 5))
    move(shop, ("infected", 3))
    incident.host_decisions.create(host=pc, treatment="rebuild", reasons="r", decided_by="x", at=NOW)
    decision = Decision.objects.create(
        uid="d", kind="disable_port", target="p", target_set="s", request={}, requested_by="x", at=NOW, answer="yes",
        rule="r", why="w", state="taken",
    )  # fmt: skip
    for number, (host, hours) in enumerate(((web, 2), (pc, 6))):
        Containment.objects.create(
            uid=str(number), kind="disable_port", device="sw1", port="1", host=host, incident="worm", state="released",
            begun_at=NOW, order={}, requested_by="x", decision=decision, held_at=NOW + hours * HOUR,
        )  # fmt: skip
    task = {"step": "contain", "action": "way-in", "text": "t", "added_at": NOW}
    incident.tasks.create(**task, target="a", state="done", result="A laptop.")
    incident.tasks.create(**task, target="b", state="dropped", result="Nobody asks.")
    incident.lessons.create(text="L", owner="Nils", due_at=NOW + 99 * HOUR, control="C", added_by="x", at=NOW)

    story = make_story(incident, NOW + 7 * HOUR)
    assert (story.affected, story.first_host, story.first_at) == (3, "web", NOW + HOUR)
    assert (story.cut_off, story.cut_off_first, story.cut_off_last) == (2, NOW + 2 * HOUR, NOW + 6 * HOUR)
    assert (story.clean_at, story.ill, story.ill_of, story.cut_off_ill) == (NOW + 5 * HOUR, ("shop",), 1, 2)
    assert (story.way_in, story.returned) == (("A laptop.",), ())
    assert [(each.text, each.owner, each.done) for each in story.learned] == [("L", "Nils", False)]

    move(shop, ("cleaned", 8), ("verified", 9))
    move(web, ("verified", 9), ("infected", 10), ("cleaned", 11), ("verified", 12))
    story = make_story(incident, NOW + 13 * HOUR)
    assert (story.clean_at, story.ill_of) == (NOW + 12 * HOUR, 0)
    assert [(each.host, each.at, each.state) for each in story.returned] == [("web", NOW + 10 * HOUR, "verified")]


def test_of_a_drill_no_machine_is_part() -> None:
    move(make_host("web", "10.1.0.1"), ("infected", 1))
    story = make_story(make_incident(drill=True), NOW + timedelta(hours=2))
    assert (story.affected, story.ill_of) == (0, 0)
