"""Drills below a real headquarters: made once, and what became of each is read from its folder."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.drills import ranges
from codered_hq.drills.ranges import (
    Wanted,
    begin_behind,
    find_free_name,
    list_ranges,
    make_environment,
    make_range,
    note_begun,
)
from codered_hq.ledger.models import LedgerEntry
from codered_hq.opening import open_headquarters
from tests.fixtures.small_ranges import make_scenario

pytestmark = pytest.mark.django_db
WANTED = Wanted(scenario="three-am", name="night")


def make(folder: Path, name: str = "night", minutes: int = 0) -> Path:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return make_range(folder, Wanted(scenario="three-am", name=name), make_scenario(), "Mara", at)


def test_what_became_of_it_stands_in_its_folder(headquarters: Path) -> None:
    open_headquarters()
    assert list_ranges(headquarters) == []
    folder = make(headquarters)
    (headquarters / "drills" / "other").mkdir()
    (found,) = list_ranges(headquarters)
    assert (found.name, found.title, found.by, found.state) == ("night", "A small one", "Mara", "begins")
    (folder / "begin.log").write_text("codered: three-am: no such scenario\n")
    assert (list_ranges(headquarters)[0].state, list_ranges(headquarters)[0].why) == (
        "failed", "three-am: no such scenario",
    )  # fmt: skip
    note_begun(folder)
    ranges.note_served(folder, "https://localhost:9443")
    (found,) = list_ranges(headquarters)
    assert (found.state, found.address) == ("goes_on", "https://localhost:9443")
    ranges.note_served(folder, "")
    (folder / "served.json").write_text('{"address": "javascript:alert(1)"}')
    assert list_ranges(headquarters)[0].address == ""
    make(headquarters, "later", 1)
    assert [each.name for each in list_ranges(headquarters)] == ["later", "night"]
    assert LedgerEntry.objects.filter(what__startswith="DRILL night was made").count() == 1


def test_a_second_one_of_a_day_gets_a_number(headquarters: Path) -> None:
    open_headquarters()
    for name in ("night", "night-2", "night-3"):
        assert find_free_name(headquarters, "night") == name
        make(headquarters, name)


@pytest.mark.parametrize(
    ("name", "speed", "what"), [("../x", 1, "no name"), ("night", 1, "of this name already"), ("n", 99, "no speed")]
)
def test_what_can_not_be_made(headquarters: Path, name: str, speed: float, what: str) -> None:
    open_headquarters()
    make(headquarters)
    with pytest.raises(WrongUse, match=what):
        make_range(
            headquarters, Wanted(scenario="x", name=name, speed=speed), make_scenario(), "Mara", datetime.now(UTC)
        )


def test_one_that_fails_at_once_says_why(headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_headquarters()
    folder = make(headquarters)
    monkeypatch.setattr(ranges, "PATIENT_SECONDS", 60.0)
    with pytest.raises(WrongUse, match="did not begin"):
        begin_behind(folder, Wanted(scenario="nowhere", name="night"))
    assert list_ranges(headquarters)[0].state == "failed"


def test_its_processes_are_the_drills(headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODERED_HQ_DATABASE", "postgresql://real")
    monkeypatch.setenv("CODERED_CONSOLE_DRILLS", "served")
    made = make_environment(headquarters / "drills" / "night")
    assert made["CODERED_HQ"].endswith("/drills/night")
    assert made["CODERED_CONSOLE_COOKIES"] == "drill-night"
    assert not {"CODERED_HQ_DATABASE", "CODERED_CONSOLE_DRILLS"} & set(made)
