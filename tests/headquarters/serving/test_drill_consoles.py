"""Consoles of drills are served beside the real one as long as their drills go on."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from codered_hq.drills.ranges import Wanted, list_ranges, make_range, note_begun
from codered_hq.drills.scoring import Score
from codered_hq.opening import open_headquarters
from codered_hq.serving import drill_consoles
from codered_hq.serving.drill_consoles import DrillConsoles
from tests.fixtures.small_ranges import make_scenario

pytestmark = pytest.mark.django_db
PROGRAM = "import os, sys; print('codered: the console: https://localhost:9/', os.environ['CODERED_HQ'], file=sys.stderr, flush=True); sys.stdin.read()"  # noqa: E501


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_from_the_beginning_of_a_drill_to_its_end(headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_headquarters()
    monkeypatch.setattr(drill_consoles, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(drill_consoles, "MOST", 1)
    lines: list[str] = []
    consoles = DrillConsoles(lines.append, headquarters, ["--host", "127.0.0.1"])
    assert consoles._words[-3:] == ("--until-eof", "--host", "127.0.0.1")
    consoles._words = (consoles._words[0], "-c", PROGRAM)
    folders = [
        make_range(headquarters, Wanted(scenario="x", name=name), make_scenario(), "Mara", datetime.now(UTC))
        for name in ("first", "second")
    ]
    (folders[0] / "served.json").write_text('{"address": "https://localhost:1"}')
    consoles.start()
    try:
        assert {each.address for each in list_ranges(headquarters)} == {""}
        for folder in folders:
            note_begun(folder)
            if folder == folders[0]:
                wait_until(lambda: list_ranges(headquarters)[1].address == "https://localhost:9")
        score = Score(drill="first", scenario="x", at=datetime.now(UTC), total=1.0, measures=())
        (folders[0] / "score.json").write_bytes(msgspec.json.encode(score))
        wait_until(lambda: list_ranges(headquarters)[0].address == "https://localhost:9")
        assert list_ranges(headquarters)[1].address == "", "one at a time"
    finally:
        consoles.stop()
    assert {each.address for each in list_ranges(headquarters)} == {""}
    assert [line.split()[1] for line in lines] == ["first:", "second:"]
    assert lines[0].endswith(str(folders[0]))
