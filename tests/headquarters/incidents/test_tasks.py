"""Tasks: leases, who may end them, and twenty people at once."""

from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.incidents.models import Task
from codered_hq.incidents.tasks import (
    LEASE,
    add_task,
    block,
    claim,
    claim_next,
    drop,
    find_free,
    find_task,
    finish,
    is_held,
    need_person,
    open_drafts,
    take_over,
)
from codered_hq.incidents.templates import Draft
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.gate_crew import ASKER, HOUR, MINUTE, NOW, declare, join
from tests.fixtures.postgresql_server import running_postgresql
from tests.fixtures.task_races import run_task_races

PATCH = Draft("contain", "patch", "Patch it", "srv1", "systems", priority=4)
RACED = {"claimed": 12, "owners": 12, "same": 1, "codes": {"0": 1, "4": 19}, "ledger": True}


@pytest.mark.django_db
def test_a_lease_holds_for_half_an_hour_and_is_longer_when_taken_again() -> None:
    incident, ann, ben = declare("one"), join("ann", "systems"), join("ben", "systems")
    task = add_task(incident, PATCH, ann, NOW)
    assert claim(task, ann, NOW).lease_until == NOW + LEASE
    with pytest.raises(Refused, match="ann has it until 10:30 UTC"):
        claim(task, ben, NOW + 29 * MINUTE)
    assert claim(task, ann, NOW + 10 * MINUTE).lease_until == NOW + 10 * MINUTE + LEASE
    assert claim(task, ann, NOW - HOUR).lease_until == NOW + 10 * MINUTE + LEASE  # the clock was set back
    with pytest.raises(Refused, match="ann has it"):
        finish(task, "", ben, NOW + 39 * MINUTE)
    assert is_held(task, NOW + 39 * MINUTE)
    assert not is_held(task, NOW + 40 * MINUTE)
    taken = claim(task, ben, NOW + 40 * MINUTE)
    assert taken.owner == ben.person
    with pytest.raises(Refused, match="ben has it"):
        drop(task, "not needed", ann, NOW + 41 * MINUTE)
    finish(task, "patched", ben, NOW + 42 * MINUTE)
    assert (task.state, task.result, task.ended_at) == ("done", "patched", NOW + 42 * MINUTE)
    for again in (claim, lambda *given: block(given[0], "why", given[1], given[2])):
        with pytest.raises(Refused, match="it is done"):
            again(task, ben, NOW + 43 * MINUTE)
    told = list(LedgerEntry.objects.filter(kind="task").order_by("seq").values_list("who", flat=True))
    assert told == ["ann", "ann", "ben", "ben"]  # a lease that was only made longer is not told


@pytest.mark.django_db
def test_a_block_is_seen_by_all_and_ended_by_whoever_claims_it() -> None:
    incident, ann, ben = declare("one"), join("ann"), join("ben")
    task = add_task(incident, PATCH, ann, NOW)
    with pytest.raises(WrongUse, match="says nothing"):
        block(task, " ", ann, NOW)
    claim(task, ann, NOW)
    block(task, "no password", ann, NOW)
    assert (task.state, task.why, find_free(incident, None, NOW).count()) == ("blocked", "no password", 0)
    with pytest.raises(Refused, match="already: patch srv1"):
        add_task(incident, PATCH, ben, NOW)
    assert claim(task, ben, NOW).why == ""
    drop(task, "it was replaced", ben, NOW)
    assert add_task(incident, PATCH, ben, NOW).pk != task.pk  # what is over is no hindrance


@pytest.mark.django_db
def test_the_most_urgent_free_task_of_my_roles_comes_first() -> None:
    incident, ann, ben = declare("one"), join("ann", "network"), join("ben", "network")
    late = add_task(incident, PATCH._replace(role="network", target="b", minutes=60), ann, NOW)
    soon = add_task(incident, PATCH._replace(role="network", target="c", minutes=10), ann, NOW)
    first = add_task(incident, PATCH._replace(role="", target="d", priority=1), ann, NOW)
    add_task(incident, PATCH._replace(target="e", priority=1), ann, NOW)  # of systems
    assert [task.pk for task in find_free(incident, ["network"], NOW)] == [first.pk, soon.pk, late.pk]
    assert find_free(incident, None, NOW).count() == 4
    assert [claim_next(incident, ["network"], who, NOW) for who in (ann, ben, ann, ben)] == [first, soon, late, None]
    assert take_over(incident, need_person(ann), ben, NOW) == 2
    assert (take_over(incident, need_person(ann), ben, NOW), find_task(incident, late.pk).owner) == (0, ben.person)
    with pytest.raises(WrongUse, match="nobody of the team"):
        claim(first, ASKER, NOW)
    with pytest.raises(WrongUse, match="no such task"):
        find_task(declare("two"), late.pk)
    for bad in (
        PATCH._replace(step="x"),
        PATCH._replace(role="x"),
        PATCH._replace(text=" "),
        PATCH._replace(action=""),
    ):
        with pytest.raises(WrongUse):
            add_task(incident, bad, ann, NOW)


@pytest.mark.django_db
def test_templates_are_opened_once() -> None:
    incident = declare("one")
    drafts = [PATCH, PATCH, PATCH._replace(target="srv2")]
    assert (open_drafts(incident, drafts, NOW), open_drafts(incident, drafts, NOW)) == (2, 0)
    Task.objects.filter(target="srv1").update(state="done")
    Task.objects.filter(target="srv2").update(state="dropped")
    assert open_drafts(incident, drafts, NOW) == 1  # what was done is not asked for again


def test_twenty_people_never_hold_the_same_task_on_sqlite(tmp_path: Path) -> None:
    assert run_task_races(tmp_path / "hq") == {"vendor": "sqlite", **RACED}


def test_twenty_people_never_hold_the_same_task_on_postgresql(tmp_path: Path) -> None:
    with running_postgresql() as url:
        assert run_task_races(tmp_path / "hq", CODERED_HQ_DATABASE=url) == {"vendor": "postgresql", **RACED}
