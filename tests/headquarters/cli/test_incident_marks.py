"""How words about incidents begin."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.errors import Refused, WrongUse
from codered_hq.cli.incident_marks import (
    Listing,
    answer,
    begin_reading,
    begin_writing,
    enter_marked,
    name_incident,
    read_moment,
    read_text,
    show_all,
)
from codered_hq.opening import open_headquarters
from tests.fixtures.gate_crew import NOW, declare

GIVEN = {"incident": "", "as_name": "", "key_file": ""}


@pytest.mark.django_db
def test_drills_are_marked_and_closed_ones_only_read(capsys: pytest.CaptureFixture[str]) -> None:
    drill = declare("try\x1b", drill=True)
    open_headquarters()
    enter_marked()
    assert capsys.readouterr().err == "DRILL: try\\x1b is a drill, nothing real may be changed for it\n"
    assert begin_writing(GIVEN)[0] == begin_reading("")[0] == drill
    assert (name_incident(drill), name_incident(declare("one"))) == ("try\x1b [DRILL]", "one")
    drill.closed_at = NOW
    drill.save()
    assert begin_reading(drill.name)[0] == drill
    with pytest.raises(Refused):
        begin_writing({**GIVEN, "incident": drill.name})
    capsys.readouterr()
    answer({"as_json": True}, {"a": 1}, "x")
    answer({}, {"a": 1}, "x\x1b")
    assert capsys.readouterr() == ('{"a":1}\nx\\x1b\n', "")


def test_moments_and_texts(tmp_path: Path) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert read_moment("", "--due", now) is None
    assert read_moment("8h", "--due", now) == now + timedelta(hours=8)
    assert read_moment("2026-12-01", "--due", now) == datetime(2026, 12, 1, tzinfo=UTC)
    assert read_moment("2026-12-01T10:00+02:00", "--due", now) == datetime(2026, 12, 1, 8, tzinfo=UTC)
    with pytest.raises(WrongUse):
        read_moment("soon", "--due", now)
    (tmp_path / "words").write_text("äöü")
    assert (read_text("x", "", "--body"), read_text("", str(tmp_path / "words"), "--body")) == ("x", "äöü")
    (tmp_path / "link").symlink_to(tmp_path / "words")
    for said, path in (("", ""), ("x", "y"), ("", str(tmp_path / "link")), ("", "/dev/zero")):
        with pytest.raises(WrongUse):
            read_text(said, path, "--body")


@pytest.mark.django_db
def test_a_list_is_a_document_or_a_table_with_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    incident = declare("one\x1b")
    listing = Listing("codered/x/1", "lesson", ("a", "b"), ("#", "what"), (("1", "a\x07"), ("2", "b")))
    show_all({"as_json": True}, incident, listing)
    assert json.loads(capsys.readouterr().out) == {
        "format": "codered/x/1", "incident": "one\x1b", "lessons": ["a", "b"],
    }  # fmt: skip
    show_all({"as_json": False}, incident, listing)
    assert capsys.readouterr().out == "#  what\n1  a\\x07\n2  b\none\\x1b: 2 lessons\n"
    show_all({"as_json": False}, incident, listing._replace(views=(), rows=()))
    assert capsys.readouterr().out == "one\\x1b: 0 lessons\n"
