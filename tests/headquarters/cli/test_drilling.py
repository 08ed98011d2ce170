"""A drill at a table, by its words."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered.signing.keys import make_key
from codered_hq.cli import drilling
from codered_hq.drills.advancing import advance
from codered_hq.drills.answering import end_drill
from codered_hq.drills.history import add_score
from codered_hq.drills.models import Drill
from codered_hq.drills.ranges import BEGUN_NAME
from codered_hq.drills.scoring import Measure, Score
from codered_hq.incidents.people import PersonCard, Speaker, add_person
from codered_hq.ledger.models import LedgerEntry
from codered_hq.opening import open_headquarters
from tests.fixtures.drill_desk import drill, speak_as  # noqa: F401
from tests.fixtures.saying import Say
from tests.fixtures.small_ranges import LAB, begin_small_drill, write_small_range


def test_status_score_and_sweep(drill: Drill, headquarters: Path, say: Say) -> None:  # noqa: F811
    advance(headquarters, datetime.now(UTC))
    status = say("drill", "tabletop", "status")
    assert "press to communications: A reporter asks <b>why</b> (waits for an answer)" in status.out
    assert say("drill", "tabletop", "sweep", LAB).code == 1
    assert json.loads(say("drill", "tabletop", "score", "--json").out)["drill"] == drill.name
    assert "Incident declared: never (target 15 min)" in say("drill", "tabletop", "score").out
    refused = say("drill", "tabletop", "answer", "1", "done")
    assert refused.code == 4
    assert "only people of the team" in refused.err


@pytest.mark.django_db
def test_a_drill_gets_a_folder_below_the_real_headquarters(
    headquarters: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_headquarters()
    begun: list[Path] = []

    def begin_there(folder: Path, *_words: object) -> int:
        begun.append(folder)
        return 0

    monkeypatch.setattr(drilling, "_begin_there", begin_there)
    said = say("drill", "tabletop", "start", "three-am", "--name", "night")
    assert said.out.strip() == f"export CODERED_HQ={headquarters / 'drills' / 'night'}"
    assert begun == [headquarters / "drills" / "night"]
    assert (begun[0] / "headquarters.toml").is_file()
    assert (begun[0] / "crew.json").is_file()
    again = say("drill", "tabletop", "start", "three-am", "--name", "night")
    assert (again.code, "of this name already" in again.err) == (2, True)
    assert say("drill", "tabletop", "start", "three-am", "--name", "../x").code == 2
    monkeypatch.setenv("CODERED_HQ_DATABASE", "postgresql://war@db.example/real")
    assert say("drill", "tabletop", "start", "three-am", "--name", "day").out.splitlines() == [
        f"export CODERED_HQ={headquarters / 'drills' / 'day'}", "unset CODERED_HQ_DATABASE",
    ]  # fmt: skip


@pytest.mark.django_db
def test_in_its_own_headquarters_it_begins(headquarters: Path, say: Say) -> None:
    write_small_range(headquarters)
    said = say("drill", "tabletop", "start", "three-am", "--name", "night", "--speed", "2")
    assert said.code == 0, said.err
    assert Drill.objects.get().speed == 2
    assert (headquarters / BEGUN_NAME).exists()
    with pytest.raises(Exception, match="going on"):
        begin_small_drill()
    for name in ("night", "other"):
        again = say("drill", "tabletop", "start", "three-am", "--name", name)
        assert (again.code, "you are inside a drill" in again.err, "unset CODERED_HQ" in again.err) == (2, True, True)


@pytest.mark.django_db
def test_two_of_a_day_and_who_made_them(
    headquarters: Path, say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    open_headquarters()
    monkeypatch.setattr(drilling, "_begin_there", lambda *_words: 0)
    make_key(tmp_path / "mara.key")
    speaker = Speaker(None, "root", None)
    add_person(PersonCard("Mara", public_key_file=f"{tmp_path / 'mara.key'}.pub"), datetime.now(UTC), speaker)
    said = [say("drill", "tabletop", "start", "three-am", "--key", str(tmp_path / "mara.key")) for _ in range(2)]
    assert [each.code for each in said] == [0, 0], said
    assert said[1].out.strip() == f"{said[0].out.strip()}-2"
    assert set(LedgerEntry.objects.filter(what__startswith="DRILL").values_list("who", flat=True)) == {"Mara"}
    assert say("drill", "tabletop", "start", "three-am", "--as", "Mara").code == 4


def test_the_report_of_what_has_ended(drill: Drill, headquarters: Path, say: Say, tmp_path: Path) -> None:  # noqa: F811
    assert say("drill", "tabletop", "report").code == 2
    end_drill(drill, speak_as("Mara"), headquarters, datetime.now(UTC))
    assert "After-action report: A small one (small)" in say("drill", "tabletop", "report").out
    wrote = say("drill", "tabletop", "report", "--html", str(tmp_path / "a.html"), "--pdf", str(tmp_path / "a.pdf"))
    assert (wrote.code, wrote.out) == (0, "")
    assert b"After-action report" in (tmp_path / "a.html").read_bytes()
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_a_score_of_less_than_a_hundred_points_says_that_it_is_scaled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half = Measure(
        name="isolate",
        title="First machine cut off",
        value=45,
        unit="min",
        target="30 min",
        reached=0.5,
        weight=50,
        how="",
    )
    made = Score(drill="one", scenario="s", at=datetime.now(UTC), total=50, measures=(half,), kind="laboratory")
    add_score(tmp_path, made)
    drilling.print_score(replace(made, drill="two"), tmp_path)
    assert capsys.readouterr().out.splitlines() == [
        "two: 50 of 100", "   25 of 50  First machine cut off: 45 min (target 30 min)",
        "50 points can be won in a laboratory; the total is scaled to 100", "the drill before, one: 50 of 100",
    ]  # fmt: skip
