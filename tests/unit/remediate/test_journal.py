import errno
import hashlib
import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.journal import Event
from codered.model.plan import ProcessState
from codered.remediate.journal import Journal, encode_entry, read_lines, seal_entry

DIGEST = "sha256:" + "d" * 64


def no_room() -> None:
    raise AssertionError("nobody asked for room")


def open_journal(path: Path) -> Journal:
    return Journal(os.fsencode(path), no_room)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "journal.jsonl"
    journal = open_journal(path)
    journal.append("opened", plan_digest=DIGEST)
    journal.append("begun", action="a01", backup="a01-x")
    journal.append("verified", action="a01")
    journal.append("left", action="a01", note="somebody\ntouched ü it")
    journal.close()
    return path


def test_a_journal_reads_back(path: Path) -> None:
    journal = open_journal(path)
    assert [entry.event for entry in journal.entries] == ["opened", "begun", "verified", "left"]
    assert [entry.sequence for entry in journal.entries] == [1, 2, 3, 4]
    assert journal.entries[0].previous == "0" * 64
    assert journal.entries[3].note == "somebody\\ntouched ü it"
    journal.append("undone", action="a01")
    journal.close()
    assert len(open_journal(path).entries) == 5


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
def test_a_flipped_byte_is_refused_or_a_torn_tail(path: Path, mask: int) -> None:
    raw = path.read_bytes()
    lines = raw.count(b"\n")
    for position in range(len(raw)):
        flipped = bytearray(raw)
        flipped[position] ^= mask
        with pytest.raises(Refused, match="the chain is broken here") as caught:
            read_lines(bytes(flipped), "journal.jsonl")
        number = int(caught.value.where.partition(":")[2])
        line = raw[:position].count(b"\n") + 1
        assert line <= number <= min(line + 1, lines), position
        path.write_bytes(flipped)
        with pytest.raises(Refused):
            open_journal(path)
        assert path.read_bytes() == flipped


def test_a_line_cut_short_is_cut_off(path: Path) -> None:
    raw = path.read_bytes()
    start = raw[:-1].rindex(b"\n") + 1
    for end in range(start, len(raw) - 1):
        path.write_bytes(raw[:end])
        journal = open_journal(path)
        assert len(journal.entries) == 3
        assert path.read_bytes() == raw[:start]
        journal.append("finished")
        journal.close()
        assert len(open_journal(path).entries) == 4


def test_a_line_without_its_end_is_completed(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:-1])
    assert len(open_journal(path).entries) == 4
    assert path.read_bytes() == raw


def test_a_tail_of_zeros_is_cut_off(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw + b"\0" * 300)
    assert len(open_journal(path).entries) == 4
    assert path.read_bytes() == raw


def test_a_missing_or_repeated_line_is_refused(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    for wrong in (lines[1:], [lines[0], *lines[2:]], [*lines, lines[-1]], [lines[1], lines[0], *lines[2:]]):
        with pytest.raises(Refused, match="chain is broken"):
            read_lines(b"".join(wrong), "journal.jsonl")


def test_a_rewritten_line_breaks_the_chain(path: Path) -> None:
    """Sealed anew, as somebody would who knows the format; the line after it tells."""
    lines = path.read_bytes().splitlines(keepends=True)
    entry = open_journal(path).entries[1]
    lines[1] = encode_entry(seal_entry(replace(entry, backup="a01-other")))
    with pytest.raises(Refused, match=r"journal\.jsonl:3: the chain is broken"):
        read_lines(b"".join(lines), "journal.jsonl")


def test_deep_nesting_is_damage(path: Path) -> None:
    deep = path.read_bytes() + b'{"format":"codered/journal/1","x":' + b"[" * 100_000 + b"\n"
    with pytest.raises(Refused, match=":5: the chain is broken"):
        read_lines(deep, "journal.jsonl")


@given(st.binary(max_size=400))
def test_any_bytes_give_entries_or_a_refusal(raw: bytes) -> None:
    try:
        entries, sound = read_lines(raw, "journal.jsonl")
    except Refused:
        return
    assert entries == []
    assert sound == 0


def test_another_plans_journal_is_refused(path: Path) -> None:
    journal = open_journal(path)
    journal.check_plan(DIGEST)
    with pytest.raises(Refused, match=r"journal\.jsonl:1: belongs to another plan"):
        journal.check_plan("sha256:" + "e" * 64)


@pytest.mark.parametrize(
    ("events", "in_effect"),
    [
        (("begun",), True),
        (("begun", "verified"), True),
        (("begun", "failed"), True),
        (("failed",), False),
        (("begun", "undo_begun"), True),
        (("begun", "verified", "undo_begun", "undone"), False),
        (("begun", "left"), True),
        (("begun", "undone", "begun"), True),
    ],
)
def test_progress(tmp_path: Path, events: tuple[Event, ...], in_effect: bool) -> None:
    journal = open_journal(tmp_path / "journal.jsonl")
    for number, event in enumerate(events):
        journal.append(event, action="a01", backup=f"b{number}" if event == "begun" else "")
    progress = journal.progress()["a01"]
    assert (progress.event, progress.in_effect) == (events[-1], in_effect)
    begun = [number for number, event in enumerate(events) if event == "begun"]
    assert progress.backup == (f"b{begun[-1]}" if begun else "")


def test_a_full_disk_makes_room_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    asked: list[int] = []

    def write(fd: int, data: bytes) -> int:
        if not asked:
            real(fd, data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data)

    journal = Journal(os.fsencode(path), lambda: asked.append(1))
    monkeypatch.setattr(os, "write", write)
    journal.append("finished")
    journal.close()
    assert asked == [1]
    assert [entry.event for entry in open_journal(path).entries][-1] == "finished"


def test_a_failed_line_leaves_the_journal_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = path.read_bytes()
    journal = open_journal(path)

    def fail(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        journal.append("finished")
    monkeypatch.undo()
    assert path.read_bytes() == raw
    journal.append("finished")
    assert len(open_journal(path).entries) == 5


def test_nothing_follows_a_line_that_could_not_be_taken_back(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = open_journal(path)

    def fail(*_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(os, "ftruncate", fail)
    with pytest.raises(OSError, match="Input/output"):
        journal.append("finished")
    monkeypatch.undo()
    with pytest.raises(OSError, match="torn"):
        journal.append("finished")


WORM = ProcessState(pid=7, start=8, boot="b", state="running", sha256="a" * 64, command="INERT MARKER")


def test_what_is_held_is_remembered_until_it_is_let_go(path: Path) -> None:
    journal = open_journal(path)
    other = replace(WORM, start=9)
    journal.append_process("held", WORM, action="a01", note="frozen")
    journal.append_process("held", other, action="a02")
    assert [entry.action for entry in journal.held()] == ["a01", "a02"]
    journal.append_process("released", WORM, action="a01")
    assert [entry.process for entry in journal.held()] == [replace(other, command="")]
    journal.append_process("ended", other, action="a02")
    assert journal.held() == ()
    assert [entry.event for entry in open_journal(path).entries][4:] == ["held", "held", "released", "ended"]


def test_a_worms_own_words_stay_out(path: Path) -> None:
    open_journal(path).append_process("held", WORM, action="a01")
    assert b"INERT MARKER" not in path.read_bytes()


def test_holding_is_no_progress_of_an_action(path: Path) -> None:
    journal = open_journal(path)
    before = journal.progress()
    journal.append_process("held", WORM, action="a01")
    journal.append_process("held", WORM, action="a05")
    assert journal.progress() == before


def test_what_stays_has_nothing_left_to_undo(path: Path) -> None:
    journal = open_journal(path)
    assert journal.progress()["a01"].in_effect
    journal.append("stays", action="a01", note="it was ended")
    assert not journal.progress()["a01"].in_effect


def test_a_unit_is_remembered_until_it_is_gone(path: Path) -> None:
    journal = open_journal(path)
    assert journal.armed() == ""
    journal.append("armed", note="one")
    assert open_journal(path).armed() == "one"
    journal.append("disarmed", note="one")
    assert journal.armed() == ""


def test_a_journal_behind_a_link_is_not_opened(path: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(OSError, match="symbolic links"):
        open_journal(tmp_path / "link")


def test_a_giant_is_refused(path: Path) -> None:
    os.truncate(path, 300 << 20)
    with pytest.raises(Refused, match="too large"):
        open_journal(path)


@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize("more", [{"format": "codered/journal/2"}, {"event": "moved"},
                                  *({"copied_to": f"/elsewhere/{place}"} for place in range(6))])  # fmt: skip
def test_a_line_of_a_newer_version_is_said_so_and_kept(path: Path, more: dict[str, str], end: bytes) -> None:
    document = msgspec.json.decode(encode_entry(open_journal(path).entries[3])) | more
    del document["seal"]
    document["seal"] = hashlib.sha256(msgspec.json.encode(document)).hexdigest()
    lines = path.read_bytes().splitlines(keepends=True)
    written = b"".join(lines[:3]) + msgspec.json.encode(document) + end
    path.write_bytes(written)
    with pytest.raises(Refused, match=r"journal\.jsonl:4: was written by a newer version"):
        open_journal(path)
    assert path.read_bytes() == written


def test_a_long_journal_reads_back(path: Path) -> None:
    entries = open_journal(path).entries
    lines = path.read_bytes().splitlines()
    while len(entries) < 300:
        previous = hashlib.sha256(lines[-1]).hexdigest()
        entries.append(seal_entry(replace(entries[-1], sequence=len(entries) + 1, previous=previous)))
        lines.append(encode_entry(entries[-1]).rstrip())
    raw = b"\n".join([*lines, b""])
    assert read_lines(raw, "journal.jsonl") == (entries, len(raw))
