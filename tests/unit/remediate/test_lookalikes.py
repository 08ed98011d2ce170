import os
import shutil
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.model.plan import Action, Plan, ProcessState
from codered.remediate import lookalikes
from codered.remediate.lookalikes import Lookalikes
from tests.fixtures.changing import make_action
from tests.fixtures.children import SHELL, STUBBORN, Children, LiveTarget, make_live_plan, make_stop, wait_until


def find(plan: Plan) -> list[int]:
    return [item.process.pid for item in Lookalikes(plan).find()]


def make_removal(live: LiveTarget, program: Path) -> Action:
    return make_action(live, f"programs/{program.name}", id_="a09")


@pytest.fixture
def worm(children: Children) -> Path:
    return children.make_program("worm")


def test_who_runs_a_file_that_the_plan_removes(children: Children, live: LiveTarget, worm: Path) -> None:
    first = children.start(worm, "60")
    plan = make_live_plan(live, make_stop(first, worm), make_removal(live, worm))
    assert find(plan) == []
    again = children.start(worm, "59")
    (found,) = Lookalikes(plan).find()
    assert (found.process.pid, found.process.start) == (again.pid, again.start)
    assert (found.parent, found.action.id) == (os.getpid(), "a01")


def test_who_was_there_before_is_not_meant(children: Children, live: LiveTarget, worm: Path) -> None:
    first, second = children.start(worm, "60"), children.start(worm, "60")
    younger = replace(second, start=second.start + 1_000_000)
    plan = make_live_plan(live, make_stop(younger, worm), make_removal(live, worm))
    assert first.pid not in find(plan)


def test_a_program_of_everybody_is_not_enough(children: Children, live: LiveTarget) -> None:
    """A worm's script runs in the same shell as its owner's work."""
    script = children.folder / "worm.sh"
    script.write_text("sleep 60; :\n")
    work = children.folder / "work.sh"
    work.write_text("sleep 60; :\n")
    first = children.start(SHELL, script)
    plan = make_live_plan(live, make_stop(first, Path(os.path.realpath(SHELL))))
    known = Lookalikes(plan)
    other = children.start(SHELL, work)
    again = children.start(SHELL, script)
    found = [item.process.pid for item in known.find()]
    assert other.pid not in found
    assert again.pid in found


def test_the_same_words_from_the_same_parent(children: Children, live: LiveTarget) -> None:
    first = children.start(SHELL, "-c", STUBBORN.replace("/", ""))
    known = Lookalikes(make_live_plan(live, make_stop(first, Path(os.path.realpath(SHELL)))))
    again = children.start(SHELL, "-c", STUBBORN.replace("/", ""))
    assert again.pid in [item.process.pid for item in known.find()]


def start_workers(children: Children, command: str, number: int = 3) -> tuple[ProcessState, list[ProcessState]]:
    """A server that has forked so many workers, which run and are told what it runs and is told."""
    code = f"for (1..{number}) {{ last unless fork }} sleep 60"
    master = children.start("/usr/bin/perl", "-e", code, command)
    wait_until(lambda: len(list_children(master)) == number)
    return master, [children.read(pid) for pid in list_children(master)]


def list_children(master: ProcessState) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()]


def kill_all(*processes: ProcessState) -> None:
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("command", ["serve", "/srv/app"])
def test_the_other_workers_of_a_server_are_not_meant(children: Children, live: LiveTarget, command: str) -> None:
    """They run the same, are told the same, and have the same parent."""
    master, workers = start_workers(children, command)
    try:
        program = Path(os.readlink(f"/proc/{master.pid}/exe"))
        assert find(make_live_plan(live, make_stop(workers[0], program))) == []
        assert sorted(find(make_live_plan(live, make_stop(master, program)))) == [one.pid for one in workers]
    finally:
        kill_all(*workers)


def test_workers_that_are_told_what_the_plan_takes_away(children: Children, live: LiveTarget, worm: Path) -> None:
    master, workers = start_workers(children, str(worm))
    try:
        stop = make_stop(workers[0], Path(os.readlink(f"/proc/{master.pid}/exe")))
        found = find(make_live_plan(live, stop, make_removal(live, worm)))
        assert {one.pid for one in workers[1:]} <= set(found)
    finally:
        kill_all(*workers)


def test_who_came_in_the_place_of_one_that_ended_before(children: Children, live: LiveTarget) -> None:
    """What started after the plan was made may be the same again; what ran by then is not."""
    before = children.start(SHELL, "-c", STUBBORN)
    first = children.start(SHELL, "-c", STUBBORN)
    time.sleep(0.05)
    plan = replace(make_live_plan(live, make_stop(first, Path(os.path.realpath(SHELL)))), created=datetime.now(UTC))
    time.sleep(0.05)
    children.end(first)
    again = children.start(SHELL, "-c", STUBBORN)
    known = Lookalikes(plan)
    known.learn_parent(plan.actions[0], os.getpid())
    found = [item.process.pid for item in known.find()]
    assert again.pid in found
    assert before.pid not in found


def test_a_program_that_removed_itself(children: Children, live: LiveTarget, worm: Path) -> None:
    first = children.start(worm, "60")
    second = children.start(worm, "59")
    worm.unlink()
    assert find(make_live_plan(live, make_stop(first, worm))) == [second.pid]


def test_a_copy_under_the_same_name(children: Children, live: LiveTarget, worm: Path) -> None:
    first = children.start(worm, "60")
    plan = make_live_plan(live, make_stop(first, worm), make_removal(live, worm))
    worm.unlink()
    shutil.copy(shutil.which("sleep") or "", worm)
    again = children.start(worm, "59")
    assert find(plan) == [again.pid]


def test_after_another_start_of_the_host_the_hash_tells(children: Children, live: LiveTarget, worm: Path) -> None:
    before = replace(children.start(worm, "60"), boot="0" * 36)
    renamed = children.folder / "kworm"
    worm.rename(renamed)
    again = children.start(renamed, "59")
    plan = make_live_plan(live, make_stop(before, worm), make_removal(live, worm))
    elsewhere = children.start(shutil.which("sleep") or "", "60")
    assert {before.pid, again.pid} <= set(find(plan))
    assert elsewhere.pid not in find(plan)


def test_a_program_of_another_file_system_tree(
    children: Children, live: LiveTarget, worm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's node or java has no name here; the others that run it there are not the worm's."""
    first = children.start(worm, "60")
    children.start(worm, "59")
    plan = make_live_plan(live, make_stop(first, worm.with_name("elsewhere")))
    monkeypatch.setattr(lookalikes, "sees_our_files", lambda _: False)
    assert find(plan) == []
    known = Lookalikes(plan)
    again = children.start(worm, "60")
    assert [item.process.pid for item in known.find()] == [again.pid]  # the same words from the same parent


def test_parents_are_learned(children: Children, live: LiveTarget) -> None:
    first = children.start(SHELL, "-c", STUBBORN)
    action = make_stop(first, Path(os.path.realpath(SHELL)))
    plan = replace(make_live_plan(live, action), created=datetime.now(UTC) - timedelta(seconds=1))
    children.end(first)
    again = children.start(SHELL, "-c", STUBBORN)
    known = Lookalikes(plan)
    known.learn_parent(action, 1)
    assert again.pid not in [item.process.pid for item in known.find()]
    known.learn_parent(action, os.getpid())
    assert again.pid in [item.process.pid for item in known.find()]


def test_without_processes_nobody_is_alike(live: LiveTarget, children: Children, worm: Path) -> None:
    children.start(worm, "60")
    assert find(make_live_plan(live, make_removal(live, worm))) == []
