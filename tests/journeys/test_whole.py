"""One outbreak from the first alarm to the lessons learned, in the laboratory, by the documented commands: what was
planted is held against what was told. `./lab/lab journey` is the same for people, also in a larger laboratory.
"""

import json
import sys
import time
from collections.abc import Iterator

import pytest

from lab.journey.learning import find_papers
from lab.journey.playing import FORMAT, LABS, make_record, play
from lab.running import Running, running


@pytest.fixture
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("w") / "lab", LABS["small"]) as up:
        yield up


def test_one_outbreak_from_the_first_alarm_to_the_lessons_learned(
    lab: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.time()
    said: list[object] = []
    journey = play(lab, "small", said.append)
    record = make_record(journey, began)
    with capsys.disabled():
        sys.stdout.write("\n".join(map(str, said)) + "\n" + journey.draw())
    assert journey.wrong() == []
    assert len(journey.rows) > 150
    assert {step.step for step in journey.steps} == {"prepare", "detect", "contain", "eradicate", "recover", "lessons"}
    assert json.loads(json.dumps(record))["format"] == FORMAT
    closed = {host["name"].partition(".")[0]: host["state"] for host in record["hosts"] if host["state"] == "closed"}
    assert set(closed) == {"linux-web1", "linux-web2", "linux-app", "iis-backdoor"}
    assert record["status"]["numbers"]["infected"] == 0
    assert record["containments"]["containments"] == []
    assert all(paper.read_bytes().startswith(b"%PDF-") for paper in find_papers(lab.folder))
