"""Heuristic files: merged, refused by line, and the shipped ones."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.model.heuristics import Heuristics
from codered.packs.heuristics import load_heuristics
from tests.fixtures.running import process_rules

GOOD = """format: 1
lists:
  places: [/tmp]
patterns:
  marker: 'inert[0-9]'
rules:
  - id: marked
    of: process
    when: ['text:marker', other]
    unless: ['text:elsewhere']
    because: It has the mark
    weight: 60
"""
OTHER = """format: 1
patterns:
  elsewhere: 'elsewhere'
"""


def write(folder: Path, text: str = GOOD, name: str = "one") -> None:
    (folder / f"{name}.heuristics.yaml").write_text(text)


def test_files_are_merged_and_may_name_each_others_patterns(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, OTHER, "two")
    (tmp_path / "notes.yaml").write_text("no: heuristics")
    found = load_heuristics(tmp_path)
    assert set(found.patterns) == {"marker", "elsewhere"}
    assert found.lists == {"places": ("/tmp",)}
    assert [rule.id for rule in found.rules] == ["marked"]
    assert len(found.digest) == 64
    write(tmp_path, OTHER + "\n", "two")
    assert load_heuristics(tmp_path).digest != found.digest


def test_a_folder_without_any(tmp_path: Path) -> None:
    assert load_heuristics(tmp_path) == Heuristics()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("format: 1", "format: 2", 1),
        ("marker: 'inert[0-9]'", "Marker: 'inert'", 5),
        ("inert[0-9]", "inert(", 5),
        ("id: marked", "id: Marked", 7),
        ("because: It has the mark", "because: ' '", 7),
        ("'text:marker', other", "'text:nowhere'", 7),
        ("weight: 60", "weight: 900", 12),
        ("of: process", "of: file", 8),
        ("unless:", "unles:", 10),
    ],
)
def test_faults_are_told_by_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert old in GOOD
    write(tmp_path, GOOD.replace(old, new))
    write(tmp_path, OTHER, "two")
    with pytest.raises(WrongUse) as caught:
        load_heuristics(tmp_path)
    assert caught.value.where.endswith(f"one.heuristics.yaml:{line}"), caught.value


@pytest.mark.parametrize("part", ["lists", "patterns", "rules"])
def test_a_name_twice(tmp_path: Path, part: str) -> None:
    write(tmp_path, OTHER, "two")
    write(tmp_path)
    start = GOOD.index(f"{part}:")
    ends = {"lists": "patterns:", "patterns": "rules:", "rules": None}
    end = GOOD.index(ends[part]) if ends[part] else len(GOOD)  # type: ignore[arg-type]
    write(tmp_path, "format: 1\n" + GOOD[start:end], "three")
    with pytest.raises(WrongUse, match="second"):
        load_heuristics(tmp_path)


def test_the_shipped_ones_for_processes() -> None:
    heuristics = process_rules().heuristics
    assert all(rule.of == "process" and rule.because[0].isupper() for rule in heuristics.rules)
    assert all(name.startswith("process-") for name in (*heuristics.lists, *heuristics.patterns))
    used = {fact.removeprefix("text:") for rule in heuristics.rules for fact in (*rule.when, *rule.unless)}
    assert set(heuristics.patterns) <= used
