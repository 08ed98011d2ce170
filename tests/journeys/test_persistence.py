"""All persistence techniques of PANIX at once on a machine of the test's own: named, taken away in one pass, given back
byte for byte; and what administrators do in the same places is nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.fixtures.agreeing_packages import accept_packages
from tests.fixtures.machines import Machine, running_machine
from tests.fixtures.persistence import GOOD, Technique, plant, prepare, read_techniques
from tests.fixtures.snapshots import Snapshot, take_snapshot

TECHNIQUES = read_techniques()
_WATCHED = ("etc", "root", "home", "srv", "opt/app", "var/spool", "var/www", "var/lib/docker", "dev/shm")
_REPORT, _PLAN = "/run/report.json", "/run/plan.json"


class Course(NamedTuple):
    """What the tool said, and what lay in the machine, step by step."""

    before: dict[str, Any]
    report: dict[str, Any]
    plan: dict[str, Any]
    after: dict[str, Any]
    planted: Snapshot
    removed: Snapshot
    back: Snapshot
    running: frozenset[int]
    undoing: str


def scan(machine: Machine, code: int, *words: str) -> dict[str, Any]:
    answer = machine.codered("scan", "--json", "-o", _REPORT, *words)
    assert answer.returncode == code, answer.stdout[-3000:] + answer.stderr[-3000:]
    report: dict[str, Any] = json.loads(answer.stdout)
    return report


def do(machine: Machine, *words: str) -> tuple[str, str]:
    answer = machine.codered(*words)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return answer.stdout, answer.stderr


def name_subjects(report: dict[str, Any]) -> set[tuple[str, str | None, str | None]]:
    return {(f["layer"], f["subject"].get("path"), f["subject"].get("key")) for f in report.get("findings", ())}


@pytest.fixture(scope="module")
def course(compiled_rules: Path) -> Iterator[Course]:
    places = (*_WATCHED, *(path for technique in TECHNIQUES for path in technique.places()))
    with running_machine(compiled_rules) as machine:
        accept_packages(machine)
        prepare(machine)
        before = scan(machine, 0, "--fast")
        plant(machine, TECHNIQUES)
        planted = take_snapshot(machine, places)
        report = scan(machine, 1)
        words = ("--include-suspicious", "--restore-from", GOOD, "-o", _PLAN, "--json")
        plan = json.loads(do(machine, "plan", _REPORT, *words)[0])
        do(machine, "apply", _PLAN, "--yes")
        removed = take_snapshot(machine, places)
        running = frozenset(int(entry.name) for entry in (machine.root / "proc").iterdir() if entry.name.isdigit())
        after = scan(machine, 1)  # a generated file is left to its generator
        undoing = do(machine, "rollback", _PLAN, "--yes")[1]
        back = take_snapshot(machine, places)
        yield Course(before, report, plan, after, planted, removed, back, running, undoing)


def test_what_administrators_do_is_nothing(course: Course) -> None:
    assert course.before["verdict"] == "clean"
    assert name_subjects(course.before) == set()


def test_these_are_all_of_them() -> None:
    assert len({technique.name for technique in TECHNIQUES}) == 37


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda technique: technique.name)
def test_it_is_named(course: Course, technique: Technique) -> None:
    assert name_subjects(course.report) >= set(technique.subjects())
    told = [
        f for f in course.report["findings"] if f["subject"].get("path") in {path for _, path, _ in technique.found}
    ]
    assert all(finding["because"] for finding in told)


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda technique: technique.name)
def test_it_is_taken_away(course: Course, technique: Technique) -> None:
    still = {subject for subject in technique.subjects() if subject[1] not in technique.left}
    assert not still & name_subjects(course.after)
    for layer, path, _ in still:
        name = path.lstrip("/")
        if layer == "processes":
            own = [f["subject"] for f in course.report["findings"] if f["layer"] == layer]
            pids = {subject["pid"] for subject in own if subject.get("path") == path}
            assert pids
            assert not pids & course.running
        else:
            assert course.removed.get(name, ()) != course.planted[name]


def test_nothing_else_is_left(course: Course) -> None:
    left = {path for technique in TECHNIQUES for path in technique.left}
    assert {f["subject"].get("path") for f in course.after["findings"]} == left


def test_everything_is_given_back(course: Course) -> None:
    assert course.removed != course.planted
    assert {name for name, seen in course.planted.items() if course.back.get(name) != seen} == set()
    assert set(course.back) == set(course.planted)
    assert "can't be undone" in course.undoing  # the processes


def test_administrators_keep_what_is_theirs(course: Course) -> None:
    touched = {action["path"]["text"] for action in course.plan["actions"]}
    planted = {path for technique in TECHNIQUES for path in technique.places()}
    programs = {"/tmp/bd64", "/usr/bin/dash"}
    others = {path for path in touched - planted - programs if not path.startswith("/opt/codered-under-test-python/")}
    assert others == set()
