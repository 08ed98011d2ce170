"""One outbreak from the first alarm to the lessons learned, in the laboratory, by the documented commands: what was
planted is held against what was told. `./lab/lab journey` is the same for people, also in a larger laboratory.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from codered_hq.drills.demo_record import read_demo_record
from lab.drilling.paper import Paper
from lab.drilling.staging import find_sick, list_machines
from lab.drilling.words import ask_headquarters
from lab.journey.learning import find_papers
from lab.journey.playing import FORMAT, LABS, make_record, play
from lab.running import Running, running
from scripts import make_demo_record


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("w") / "lab", LABS["small"]) as up:
        yield up


def test_one_outbreak_from_the_first_alarm_to_the_lessons_learned(
    lab: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    began, planted = time.time(), lab.truth
    said: list[object] = []
    journey = play(lab, "small", said.append)
    record = make_record(journey, began)
    with capsys.disabled():
        sys.stdout.write("\n".join(map(str, said)) + "\n" + journey.draw())
    assert journey.wrong() == []
    assert len(journey.rows) > 150
    assert {step.step for step in journey.steps} == {"prepare", "detect", "contain", "eradicate", "recover", "lessons"}
    assert json.loads(json.dumps(record))["format"] == FORMAT
    plan = json.loads(make_demo_record.ENTERPRISE.read_text())
    made = read_demo_record(make_demo_record.write_record(make_demo_record.make_demo_record(record, plan)).encode())
    assert (made.waits.host, made.states.refused) == ("iis-nimda", ("plant-hmi",))  # what serve --demo would play
    assert {one.host for one in made.findings} == {"linux-web1", "linux-web2", "linux-app"}
    closed = {host["name"].partition(".")[0]: host["state"] for host in record["hosts"] if host["state"] == "closed"}
    assert set(closed) == {"linux-web1", "linux-web2", "linux-app", "iis-backdoor"}
    assert record["status"]["numbers"]["infected"] == 0
    assert record["containments"]["containments"] == []
    assert all(paper.read_bytes().startswith(b"%PDF-") for paper in find_papers(lab.folder))
    demand_the_score_of_a_drill(lab, began, find_sick(planted))


def demand_the_score_of_a_drill(lab: Running, began: float, sick: set[str]) -> None:
    """What the journey's team would have got for it in a drill that began when it did."""
    since = datetime.fromtimestamp(began, UTC)
    machines = list_machines(lab.truth, sick)
    Paper(
        name="lab-journey", began=since.isoformat(), size="small", scans="", capture="", machines=machines
    ).write(lab.folder)  # fmt: skip
    assert ask_headquarters(lab.folder, "enter") == 0
    compare_score(say_score(lab.folder))


def compare_score(made: dict[str, Any]) -> None:
    told = {one["name"]: one for one in made["measures"]}
    assert told["declare"]["reached"] == told["isolate"]["reached"] == 1.0
    assert 0 < told["declare"]["value"] < told["isolate"]["value"]
    assert told["roster"]["value"] == 0, "nobody was called"
    assert 50 < told["coverage"]["value"] < 100, "one subnet is attached nowhere"
    # The three web servers and the laptop were infected; the office was cut off because some of it might be.
    assert (told["false"]["value"], told["false"]["unit"]) == (46, "of 50 cut off")
    assert (told["untouched"]["value"], told["untouched"]["reached"]) == (0, 1.0)
    assert told["undone"]["value"] == 100, "the switches were on time without headquarters"
    assert (made["kind"], sum(one["weight"] for one in made["measures"])) == ("laboratory", 75)
    points = sum(one["reached"] * one["weight"] for one in made["measures"])
    assert made["total"] == round(points / 75 * 100, 1)


def say_score(folder: Path) -> dict[str, Any]:
    words = ["drill", "lab", "score", "--json", "--into", str(folder)]
    environment = os.environ | {"CODERED_HQ": str(folder.parent / "real")}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "codered", *words], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    made: dict[str, Any] = json.loads(done.stdout)
    return made
