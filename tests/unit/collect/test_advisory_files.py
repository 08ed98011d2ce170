import json
import os
from pathlib import Path

import pytest

from codered.collect import advisory_files
from codered.collect.advisory_files import read_advisories


def test_the_bad_are_named_and_the_others_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisory_files, "MOST_BYTES", 10_000)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/good.json").write_text(json.dumps({"id": "A-1", "affected": [], "schema_version": "1.6"}))
    (tmp_path / "withdrawn.json").write_text(json.dumps({"id": "A-2", "withdrawn": "2024-01-01T00:00:00Z"}))
    (tmp_path / "null.json").write_text(json.dumps({"id": "A-3", "database_specific": {"severity": None}}))
    (tmp_path / "cut.json").write_text('{"id": "A')
    (tmp_path / "wrong.json").write_text('{"id": 7}')
    (tmp_path / "deeply.json").write_text("[" * 9_000)
    (tmp_path / "large.json").write_text(" " * 20_000)
    (tmp_path / "notes.txt").write_text("no advisory")
    (tmp_path / "link.json").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.json")
    read = read_advisories(str(tmp_path))
    assert {one.id for one in read.advisories} == {"A-1", "A-3"}
    assert {Path(path).name for path, _ in read.bad} == {"cut.json", "wrong.json", "deeply.json", "large.json"}
    assert all(why for _, why in read.bad)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    ((path, why),) = read_advisories(str(tmp_path / "none")).bad
    assert path.endswith("none")
    assert why == "No such file or directory"


def test_no_more_than_are_worth_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisory_files, "MOST_FILES", 2)
    for number in range(4):
        (tmp_path / f"{number}.json").write_text(json.dumps({"id": str(number)}))
    read = read_advisories(str(tmp_path))
    assert len(read.advisories) == 2
    assert "more than 2 files" in read.bad[0][1]
