"""Scores are kept beside the drills' folders."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.drills.history import add_score, find_place, read_history
from codered_hq.drills.scoring import Score


def make_score(name: str, total: float) -> Score:
    return Score(drill=name, scenario="s", at=datetime(2026, 11, 23, tzinfo=UTC), total=total, measures=())


def test_a_drill_and_the_real_headquarters_have_the_same_one(tmp_path: Path) -> None:
    add_score(tmp_path / "drills" / "one", make_score("one", 40.0))
    add_score(tmp_path, make_score("two", 60.0))
    add_score(tmp_path, make_score("one", 50.0))
    assert [(each.drill, each.total) for each in read_history(tmp_path)] == [("two", 60.0), ("one", 50.0)]
    assert find_place(tmp_path / "drills" / "one") == find_place(tmp_path)


def test_one_that_is_broken_is_told(tmp_path: Path) -> None:
    assert read_history(tmp_path) == ()
    add_score(tmp_path, make_score("one", 1.0))
    find_place(tmp_path).write_text("{")
    with pytest.raises(WrongUse, match="can't be read"):
        read_history(tmp_path)
