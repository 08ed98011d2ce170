"""Each number of the score, from what happened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered_hq.config import read_config
from codered_hq.containment.acting import carry_out
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.drills.advancing import advance
from codered_hq.drills.models import Drill, PlayedHost
from codered_hq.drills.scoring import Measure, count_saved, score
from codered_hq.drills.sweeping import sweep_range
from codered_hq.hosts.models import Host
from codered_hq.incidents.declaring import Declaration, declare
from tests.fixtures.drill_desk import speak_as
from tests.fixtures.rules_in_force import put_sample_in_force
from tests.fixtures.small_ranges import LAB, WEB


def measure(drill: Drill, name: str, at: datetime) -> Measure:
    drill.refresh_from_db()
    return next(one for one in score(drill, at).measures if one.name == name)


def test_the_weights_are_a_hundred(drill: Drill, headquarters: Path) -> None:
    advance(headquarters, datetime.now(UTC))
    drill.refresh_from_db()
    made = score(drill, datetime.now(UTC))
    assert sum(one.weight for one in made.measures) == 100
    assert made.total == round(sum(one.points for one in made.measures), 1)
    assert made.total < 5, "who does nothing gets nothing"
    assert all(one.missed for one in made.measures)


def test_a_machine_is_cut_off_by_the_real_path_and_counts(drill: Drill, headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    at = datetime.now(UTC)
    advance(headquarters, at)
    mara = speak_as("Mara", "incident_commander")
    declare(Declaration("spread", "It spreads"), mara, at - timedelta(minutes=2))
    sick = PlayedHost.objects.filter(host__state="infected").exclude(host__tags__name="never_touch").first()
    well = PlayedHost.objects.filter(infected_at=None).exclude(host__tags__name="never_touch").first()
    assert sick is not None
    assert well is not None
    config = read_config(headquarters)
    for row in (sick, well):
        goal = Goal(do="host", host=row.host_id)
        asked = ask_for(goal, Wish(reason="x", incident="spread"), mara, Surroundings(config), at)
        assert asked.decision.state == "allowed", asked.decision.why
        (held,) = carry_out(asked.decision, config, headquarters, at)
        assert (held.state, held.proof) == ("holding", "proven unreachable: answered before, silent after")
        assert [where for where, _ in held.timer] == ["device", "worker"]
    assert not (headquarters / "keeper").exists(), "no process is left behind by what is played"
    assert Host.objects.get(pk=sick.host_id).state == "contained"
    advance(headquarters, at)  # the incident is the drill's
    assert measure(drill, "declare", at).reached == 1.0
    assert round(measure(drill, "isolate", at).value or 0) == 10
    held_at = dict(Containment.objects.values_list("pk", "held_at"))
    Containment.objects.update(state="failed", held_at=None)  # approved and taken, but the switch refused
    assert (measure(drill, "isolate", at).value, measure(drill, "isolate", at).reached) == (None, 0.0)
    for pk, moment in held_at.items():
        Containment.objects.filter(pk=pk).update(state="holding", held_at=moment)
    wrong = measure(drill, "false", at)
    assert (wrong.value, wrong.unit, wrong.reached) == (1, "of 2 cut off", 0.5)
    assert [measure(drill, name, at).reached for name in ("untouched", "undone")] == [1.0, 1.0]
    infected, _ = count_saved(drill, at)
    Drill.objects.update(uncontained=[infected + 4.0] * 31, spread=[4.0] * 31)
    chance = measure(drill, "saved", at)
    assert (chance.value, chance.unit, chance.reached) == (4, f"of {infected + 4} (± 4) of the model", 0.0)
    Drill.objects.update(spread=[1.0] * 31)
    assert measure(drill, "saved", at).reached > 0


def test_what_must_never_be_touched_is_refused_by_its_rule(drill: Drill, headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    at = datetime.now(UTC)
    host = Host.objects.get(tags__name="never_touch")
    around = Surroundings(read_config(headquarters))
    asked = ask_for(Goal(do="host", host=host.pk), Wish(reason="x"), speak_as("Mara"), around, at)
    assert (asked.decision.state, asked.decision.rule) == ("refused", "never-touch")
    untouched = measure(drill, "untouched", at)
    assert (untouched.value, untouched.reached) == (0, 0.0), "nothing at all was cut off"


def test_coverage_grows_with_what_is_swept(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    advance(headquarters, at)
    assert measure(drill, "coverage", at).reached == 0.0
    made = sweep_range(drill, [WEB], at)
    assert made.counts["infected"] == PlayedHost.objects.filter(subnet=WEB).exclude(infected_at=None).count()
    half = measure(drill, "coverage", at).reached
    sweep_range(drill, [LAB], at)
    assert half < measure(drill, "coverage", at).reached
    assert Host.objects.filter(state="suspect", played__subnet=LAB).exists(), "the lab's machines are seen now"


def test_saved_is_against_the_mean_of_the_model(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    advance(headquarters, at)
    infected, model = count_saved(drill, at)
    assert infected == PlayedHost.objects.exclude(infected_at=None).count()
    assert model == round(drill.uncontained[10])
    assert measure(drill, "saved", at).reached == 0.0, "nobody was cut off"


def test_injects_count_when_their_minutes_are_over(drill: Drill, headquarters: Path) -> None:
    at = datetime.now(UTC)
    advance(headquarters, at)
    assert measure(drill, "injects", at).reached == 0.0
    drill.injects.filter(number=1).update(answered_at=drill.started_at + timedelta(minutes=3))
    assert measure(drill, "injects", at).value == 1
