import hashlib
import json
from pathlib import Path

import pytest

from codered.evidence.custody import CustodyLog, CustodyStep, read_entries
from codered.evidence.standalone_verifier import CUSTODY, NOTHING, verify_container
from codered.model.errors import WrongUse
from codered.model.evidence import CustodyEntry
from tests.fixtures.evidence import make_container, open_key

STEP = CustodyStep(
    what="transfer", evidence_id="x", who="anna\n\x1b[2J", giver="anna", receiver="bob", why="é", authority="case 7"
)


def test_an_entry_holds_every_field_and_follows_the_one_before(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    log = CustodyLog(container, open_key(tmp_path))
    entry = log.add(STEP)
    log.close()
    line = (container / CUSTODY).read_bytes().splitlines()[-1]
    fields = json.loads(line)
    assert (fields["from"], fields["to"], fields["why"], fields["authority"]) == ("anna", "bob", "é", "case 7")
    assert set(fields) - {"format", "from", "to"} == set(CustodyEntry.__struct_fields__) - {"giver", "receiver"}
    assert line.isascii()
    before, last = read_entries(container)[-2:]
    assert last == entry
    assert (last.seq, last.prev) == (before.seq + 1, before.hash)
    assert read_entries(container)[0].prev == NOTHING
    assert verify_container(str(container)).problems == []


def test_two_can_not_write_at_once(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    log = CustodyLog(container, open_key(tmp_path))
    with pytest.raises(WrongUse, match="is being written to"):
        CustodyLog(container, open_key(tmp_path))
    log.close()
    CustodyLog(container, open_key(tmp_path)).close()


def test_a_line_that_can_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container = make_container(tmp_path)
    whole = (container / CUSTODY).read_bytes()
    log = CustodyLog(container, open_key(tmp_path))

    def fail(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("codered.evidence.custody.os.fsync", fail)
        with pytest.raises(OSError, match="No space"):
            log.add(STEP)
    assert (container / CUSTODY).read_bytes() == whole
    log.add(STEP)
    log.close()
    assert verify_container(str(container)).problems == []


@pytest.mark.parametrize(
    ("spoil", "story"),
    [
        (lambda lines: lines[1:], "entry 1 of its custody log does not follow"),
        (lambda lines: [], "is empty"),
        (lambda lines: [lines[0][:-9]], "is empty"),
        (lambda lines: [*lines, b"x" * (1 << 20)], "has no end"),
        (lambda lines: [b"{}\n", *lines], "entry 1 of its custody log is damaged"),
        (lambda lines: [b"[" * 100_000 + b"\n", *lines], "entry 1 of its custody log is damaged"),
    ],
)
def test_a_log_that_does_not_hold_together_is_not_added_to(tmp_path: Path, spoil: object, story: str) -> None:
    container = make_container(tmp_path)
    assert callable(spoil)
    (container / CUSTODY).write_bytes(b"".join(spoil((container / CUSTODY).read_bytes().splitlines(keepends=True))))
    with pytest.raises(WrongUse, match=story):
        CustodyLog(container, open_key(tmp_path))


def test_a_log_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    container = make_container(tmp_path)
    (container / CUSTODY).rename(tmp_path / "elsewhere")
    (container / CUSTODY).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="Too many levels"):
        CustodyLog(container, open_key(tmp_path))


@pytest.mark.parametrize("cut", [1, 9, 300])
def test_an_entry_that_was_cut_off_is_taken_away_and_that_is_entered(tmp_path: Path, cut: int) -> None:
    container = make_container(tmp_path)
    log = CustodyLog(container, open_key(tmp_path))
    log.add(STEP)
    log.close()
    raw = (container / CUSTODY).read_bytes()
    (container / CUSTODY).write_bytes(raw[:-cut])
    assert "is cut off" in verify_container(str(container)).problems[0]
    before = read_entries(container)
    log = CustodyLog(container, open_key(tmp_path), who="bob")
    log.add(STEP)
    log.close()
    told = read_entries(container)[len(before)]
    torn = raw.splitlines(keepends=True)[-1][:-cut]
    assert (told.what, told.who, told.evidence_id) == ("open", "bob", before[0].evidence_id)
    assert (told.sha256_before, told.size) == (hashlib.sha256(torn).hexdigest(), len(torn))
    assert len(read_entries(container)) == len(before) + 2
    assert verify_container(str(container)).problems == []
