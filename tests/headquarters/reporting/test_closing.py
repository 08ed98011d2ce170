"""What keeps an incident from being closed."""

from pathlib import Path

import pytest

from codered_hq.containment.models import Containment
from codered_hq.fleet.models import FleetRun, HostRun
from codered_hq.gate.asking import ask
from codered_hq.hosts.models import Host
from codered_hq.incidents.glass_reviews import ACTION
from codered_hq.incidents.lessons import Said, add_lesson
from codered_hq.reporting.closing import find_obstacles, find_unproved
from codered_hq.sweeps.models import Sweep
from tests.fixtures.gate_crew import ASKER, HOUR, NOW, declare, machine, wish
from tests.fixtures.inventories import make_host
from tests.fixtures.rules_in_force import put_sample_in_force


@pytest.mark.django_db
def test_everything_that_is_not_over_is_named(headquarters: Path) -> None:
    incident, drill = declare("one"), declare("try", drill=True)
    assert find_obstacles(incident, NOW) == (
        "no sweep and no scan since it was declared: nobody knows whether it is over",
    )
    Sweep.objects.create(uid="s", job=b"", job_sha256="", state="done", started=NOW, ended=NOW)
    assert find_obstacles(incident, NOW) == ()
    for number, (step, action, priority) in enumerate(
        (("detect", "call", 5), ("recover", "look", 5), ("recover", "run", 1), ("recover", ACTION, 1))
    ):
        incident.tasks.create(step=step, action=action, priority=priority, text=f"do \x1b{number}", added_at=NOW)
    assert [line.partition(": ")[0] for line in find_obstacles(incident, NOW)] == [
        "1 reviews of broken glass open", "2 open tasks that are urgent or of the step detect",
    ]  # fmt: skip
    assert all(line.isprintable() for line in find_obstacles(incident, NOW))
    incident.tasks.update(state="dropped")
    for number, state in enumerate(("infected", "suspect", "contained", *["infected"] * 6)):
        Host.objects.filter(pk=make_host(f"srv{number}", f"10.1.0.{number + 1}").pk).update(state=state)
    put_sample_in_force(headquarters)
    waits = ask(wish(machine(1, "vital"), incident="one"), {}, ASKER)
    assert waits.state == "awaiting"
    Containment.objects.create(
        uid="c" * 32, decision=waits, kind="disable_port", device="sw1", port="7", order={}, state="stuck",
        incident="one", begun_at=NOW, requested_by="x",
    )  # fmt: skip
    add_lesson(incident, "x", Said(), ASKER, NOW)
    add_lesson(incident, "y", Said(owner="ann"), ASKER, NOW)
    found = find_obstacles(incident, NOW)
    assert [line.split(":")[0] for line in found] == [
        "7 infected", "1 suspect", "1 contained", "1 waiting for approval", "1 still in place", "1 without an owner",
    ]  # fmt: skip
    assert found[0] == "7 infected: srv0, srv3, srv4, srv5, srv6 and 2 more"
    assert find_obstacles(drill, NOW) == ()  # what really happens beside a drill does not hold it up
    assert len(find_obstacles(incident, NOW + HOUR)) == 5  # nobody approved it in time
    Host.objects.filter(label="srv1").update(state="cleaned")
    run = FleetRun.objects.create(uid="r", word="scan", started=NOW, expires=NOW)
    for host in Host.objects.exclude(label="srv2"):
        HostRun.objects.create(run=run, host=host, state="answered", ended=NOW)
    assert find_unproved(incident) == (
        "1 cleaned and not verified: srv1", "1 not looked at since it was declared: srv2",
    )  # fmt: skip
