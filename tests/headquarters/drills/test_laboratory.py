"""A drill in the laboratory: what is planted is the truth, nothing is played, and the score outlives it."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from django.core.management import call_command

from codered.model.errors import Refused, WrongUse
from codered_hq.containment.models import Containment
from codered_hq.drills.advancing import advance
from codered_hq.drills.after_action import render_kept
from codered_hq.drills.answering import find_drill
from codered_hq.drills.history import read_history
from codered_hq.drills.laboratory import (
    Planted,
    PlantedMachine,
    end_and_keep,
    enter_planted,
    find_laboratory_drill,
    keep_pdf,
    measure_now,
    read_planted,
    tell_standing,
)
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.ranges import list_ranges
from codered_hq.drills.scoring import list_cut_off
from codered_hq.hosts.models import Host, Tag
from codered_hq.incidents.models import Incident, Lesson
from codered_hq.model.inventory import HostRecord
from codered_hq.opening import open_headquarters
from tests.fixtures.drill_desk import drill, speak_as  # noqa: F401
from tests.fixtures.incident_rows import DECLARED, make_small_incident
from tests.fixtures.inventories import document_subnets, record

BEGAN = DECLARED - timedelta(minutes=5)
LATER = DECLARED + timedelta(hours=2)
WEB = "10.0.0.0/24"


def plant(name: str = "lab-1", *sick: str) -> Planted:
    """Four machines, of which the inventory knows three."""
    machines = tuple(
        PlantedMachine(address=f"10.0.0.{number}", subnet=WEB, infected=f"web{number}" in sick, vulnerable=True)
        for number in (1, 2, 3, 9)
    )
    return Planted(
        format="codered/lab-drill/1", name=name, began=BEGAN, size="small", scans="10.0.0.1", capture="/x.pcap",
        machines=machines,
    )  # fmt: skip


@pytest.fixture
def entered(headquarters: Path, db: None) -> Drill:
    """An incident was declared five minutes after the alarm; web3, which is healthy, was cut off for an hour."""
    open_headquarters()
    document_subnets(WEB)
    make_small_incident()
    return enter_planted(plant("lab-1", "web1", "web2"))


def test_the_score_is_of_what_happened_and_scaled_to_a_hundred(entered: Drill) -> None:
    made = measure_now(entered, LATER)
    told = {one.name: (one.value, one.points) for one in made.measures}
    assert told == {
        "declare": (5, 15), "isolate": (5, 15), "roster": (0, 0), "coverage": (0, 0), "false": (1, 0),
        "untouched": (0, 5), "undone": (100, 5),
    }  # fmt: skip
    assert (made.weight, made.total, made.kind) == (75, 53.3, "laboratory")
    Containment.objects.update(host=Host.objects.get(label="web1"))
    assert measure_now(entered, LATER).total == 66.7
    Host.objects.get(label="web1").tags.add(Tag.objects.create(name="never_touch"))
    assert measure_now(entered, LATER).total == 60.0


def test_it_is_entered_once_and_nothing_is_played_on_it(entered: Drill, headquarters: Path) -> None:
    assert enter_planted(plant("lab-1")) == entered
    assert sorted(PlayedHost.objects.values_list("address", flat=True)) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert PlayedHost.objects.filter(infected_at=BEGAN).count() == 2
    assert advance(headquarters, LATER) == []
    entered.refresh_from_db()
    assert (entered.played_to, entered.points.count()) == (0, 0)
    assert find_laboratory_drill() == entered
    assert not Incident.objects.get().drill, "the gate would refuse its changes"
    with pytest.raises(WrongUse, match="no such drill here"):
        find_drill()
    call_command("makemigrations", "drills", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize(("sick", "told"), [(("web9",), "infected"), ((), "healthy, cut off in vain")])
def test_a_machine_that_becomes_known_later_is_what_it_was_planted_as(
    tmp_path: Path, db: None, sick: tuple[str, ...], told: str
) -> None:
    open_headquarters()
    make_small_incident()
    entered = enter_planted(plant("lab-1", *sick))
    found = record(HostRecord(name="web9", address="10.0.0.9", seen_at=DECLARED), at=DECLARED).hosts[0]
    found.tags.add(Tag.objects.create(name="never_touch"))
    Containment.objects.update(host=found)
    made, folder = end_and_keep(entered, speak_as("Cora", "incident_commander"), tmp_path / "real", LATER)
    assert f"web9: {told}\n" in render_kept(folder, "text").decode()
    points = {one.name: one.points for one in made.measures}
    assert (points["false"], points["untouched"]) == (10 if sick else 0, 0)
    assert not list_cut_off(entered, BEGAN + timedelta(minutes=1)), "it was cut off later"


def test_the_team_is_told_its_targets_and_no_truth(entered: Drill) -> None:
    first, *targets = tell_standing(entered, LATER)
    assert first.startswith("lab-1: goes on, 125 min; incident: red-2026, declared 12:00 UTC; cut off: 1, of them back")
    assert "  Incident declared: 15 min" in targets
    assert "  Healthy machines cut off: none" in targets
    assert not [line for line in targets if "web" in line]


def test_it_ends_with_lessons_and_what_is_kept_in_the_real_headquarters(entered: Drill, tmp_path: Path) -> None:
    real = tmp_path / "real"
    made, folder = end_and_keep(entered, speak_as("Cora", "incident_commander"), real, LATER)
    assert folder == real / "drills" / "lab-1"
    assert "Healthy machines cut off: 1 of 1 cut off, not none" in Lesson.objects.values_list("text", flat=True)
    assert read_history(real) == (made,)
    assert measure_now(entered, LATER + timedelta(days=1)) == made
    (listed,) = list_ranges(real)
    assert (listed.name, listed.state, listed.score) == ("lab-1", "ended", made)
    text = render_kept(folder, "text").decode()
    assert "53.3 of 100 points; 75 can be won in a laboratory, scaled to 100; the first one" in text
    assert "12:00 UTC to 13:00 UTC  web3: healthy, cut off in vain" in text
    assert ("seed" in text, "What happened" in text) == (False, False)
    assert "Infected machines" not in render_kept(folder, "html").decode()
    keep_pdf(folder)
    assert (folder / "after-action.pdf").read_bytes().startswith(b"%PDF")
    after = enter_planted(plant("lab-2"))
    end_and_keep(after, speak_as("Cora"), real, LATER + timedelta(hours=1))
    assert "the drill before, lab-1: 53.3" in (real / "drills" / "lab-2" / "after-action.txt").read_text()


def test_without_one_and_in_a_drill_at_a_table_it_is_said(drill: Drill) -> None:  # noqa: F811
    with pytest.raises(WrongUse, match="no drill was begun in this laboratory"):
        find_laboratory_drill()
    with pytest.raises(Refused, match="at a table"):
        enter_planted(plant())


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"name": "../x"}, "name"), ({"began": "2026-03-01T12:00:00"}, "zone"), ({"began": "soon"}, "began"),
        ({"format": "codered/lab-drill/2"}, "format"),
        ({"more": 1}, "more"), ({"machines": [{"address": "10.0.0"}]}, "machines"),
    ],
)  # fmt: skip
def test_what_is_no_drill_is_refused(change: dict[str, object], what: str) -> None:
    raw = msgspec.to_builtins(plant())
    assert read_planted(msgspec.json.encode(raw), "x") == plant()
    with pytest.raises(WrongUse, match=what):
        read_planted(msgspec.json.encode(raw | change), "x")
