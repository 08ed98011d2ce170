"""Scores are kept beside the drills' folders."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.drills.history import add_score, find_before, find_place, read_history
from codered_hq.drills.scoring import Score


def make_score(name: str, total: float, kind: str = "tabletop") -> Score:
    return Score(drill=name, scenario="s", at=datetime(2026, 11, 23, tzinfo=UTC), total=total, measures=(), kind=kind)


def test_a_drill_and_the_real_headquarters_have_the_same_one(tmp_path: Path) -> None:
    add_score(tmp_path / "drills" / "one", make_score("one", 40.0))
    add_score(tmp_path, make_score("two", 60.0))
    add_score(tmp_path, make_score("one", 50.0))
    assert [(each.drill, each.total) for each in read_history(tmp_path)] == [("two", 60.0), ("one", 50.0)]
    assert find_place(tmp_path / "drills" / "one") == find_place(tmp_path)


def test_the_drill_before_is_of_the_same_kind(tmp_path: Path) -> None:
    first, lab, last = make_score("one", 40.0), make_score("two", 60.0, "laboratory"), make_score("three", 50.0)
    assert find_before(tmp_path, last) is None
    for each in (first, lab, last):
        add_score(tmp_path, each)
    assert find_before(tmp_path, last) == first
    assert find_before(tmp_path, lab) is None
    older = find_place(tmp_path).read_text().replace(',"kind":"tabletop"', "")
    find_place(tmp_path).write_text(older)  # of the versions before, which knew one kind
    assert [each.kind for each in read_history(tmp_path)] == ["tabletop", "laboratory", "tabletop"]


def test_one_that_is_broken_is_told(tmp_path: Path) -> None:
    assert read_history(tmp_path) == ()
    add_score(tmp_path, make_score("one", 1.0))
    find_place(tmp_path).write_text("{")
    with pytest.raises(WrongUse, match="can't be read"):
        read_history(tmp_path)
