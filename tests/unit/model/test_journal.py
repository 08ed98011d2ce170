from datetime import UTC, datetime

import msgspec
import pytest

from codered.model.journal import Entry

ENTRY = Entry(sequence=1, time=datetime(2026, 1, 1, tzinfo=UTC), event="begun", previous="0" * 64, action="a1")


def test_a_line_survives_json() -> None:
    line = msgspec.json.encode(ENTRY)
    assert b"\n" not in line
    assert msgspec.json.decode(line, type=Entry) == ENTRY


def test_a_note_with_a_line_break_stays_one_line() -> None:
    line = msgspec.json.encode(msgspec.structs.replace(ENTRY, note='a\n{"event":"finished"}\r'))
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new"), [(b"codered/journal/1", b"codered/journal/2"), (b"begun", b"began"), (b'"sequence":1,', b"")]
)
def test_other_lines_are_refused(old: bytes, new: bytes) -> None:
    line = msgspec.json.encode(ENTRY)
    assert old in line
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(line.replace(old, new), type=Entry)
