"""The journal of a case: JSON lines, sealed, chained to the one before, on the disk before the change it announces.

Reading tells three things apart: a sound journal; a last line that a crash cut short (it announced nothing that
happened, so it is cut off); anything else, which is damage and refused.
"""

import errno
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

import msgspec

from codered.model.errors import Refused
from codered.model.journal import Entry, Event
from codered.model.plan import ProcessState
from codered.remediate.file_state import escape_text
from codered.remediate.placing import write_all
from codered.system.descriptors import NO_FOLLOW, NOT_INHERITED, RAW, read_at

FIRST = "0" * 64
ProcessEvent = Literal["held", "released", "ended"]
_MOST_BYTES = 256 << 20
_MOST_NOTE = 500
_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | NO_FOLLOW | NOT_INHERITED | RAW


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an action is: its last event, its backup, and whether it may have changed something not undone since."""

    event: Event
    backup: str = ""
    in_effect: bool = False


class Journal:
    """An open journal. `make_room` is called once when the disk is full, before the line is tried again."""

    def __init__(self, path: bytes, make_room: Callable[[], None]) -> None:
        """Opens or creates it, verifies it whole, and cuts off a torn last line. Raises Refused, OSError."""
        self._make_room = make_room
        self._stuck = False
        self._shown = escape_text(os.fsdecode(path))
        self._fd = os.open(path, _OPEN, 0o600)
        try:
            raw = self._read()
            self.entries, sound = read_lines(raw, self._shown)
            self._previous = _hash_last(raw[:sound])
            self._repair(raw, sound)
        except BaseException:
            os.close(self._fd)
            raise

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)

    def append(
        self, event: Event, *, action: str = "", backup: str = "", note: str = "", plan_digest: str = ""
    ) -> None:
        """Write one line and wait until it is on the disk. Raises OSError; the journal is then as it was before."""
        self._append(
            Entry(
                sequence=len(self.entries) + 1,
                time=datetime.now(UTC),
                event=event,
                previous=self._previous,
                action=action,
                plan_digest=plan_digest,
                backup=backup,
                note=escape_text(note)[:_MOST_NOTE],
            )
        )

    def append_process(self, event: ProcessEvent, process: ProcessState, *, action: str = "", note: str = "") -> None:
        """The same for what happens to a process, of the plan's or one like it."""
        self._append(
            Entry(
                sequence=len(self.entries) + 1,
                time=datetime.now(UTC),
                event=event,
                previous=self._previous,
                action=action,
                note=escape_text(note)[:_MOST_NOTE],
                process=msgspec.structs.replace(process, command=""),  # the worm's own words stay out of here
            )
        )

    def held(self) -> tuple[Entry, ...]:
        """The lines about processes that were held and neither released nor ended since, the first one first."""
        found: dict[tuple[int, int, str], Entry] = {}
        for entry in self.entries:
            if entry.process is None:
                continue
            identity = (entry.process.pid, entry.process.start, entry.process.boot)
            if entry.event == "held":
                found[identity] = entry
            else:
                found.pop(identity, None)
        return tuple(found.values())

    def armed(self) -> str:
        """What is remembered of the unit that goes on with the plan when the host starts; "" if there is none."""
        notes = [entry for entry in self.entries if entry.event in ("armed", "disarmed")]
        return notes[-1].note if notes and notes[-1].event == "armed" else ""

    def _append(self, draft: Entry) -> None:
        entry = seal_entry(draft)
        line = encode_entry(entry)
        try:
            self._write(line)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            self._make_room()
            self._write(line)
        self.entries.append(entry)
        self._previous = _hash_last(line)

    def progress(self) -> dict[str, Progress]:
        """How far each action is, by its id; one that was never begun nor failed is not there."""
        found: dict[str, Progress] = {}
        for entry in self.entries:
            if not entry.action or entry.process is not None:
                continue
            known = found.get(entry.action, Progress(event=entry.event))
            backup = entry.backup if entry.event == "begun" else known.backup
            in_effect = entry.event == "begun" or (known.in_effect and entry.event not in ("undone", "stays"))
            found[entry.action] = Progress(event=entry.event, backup=backup, in_effect=in_effect)
        return found

    def check_plan(self, digest: str) -> None:
        """Raises Refused if the journal is another plan's."""
        for entry in self.entries:
            if entry.event == "opened" and entry.plan_digest != digest:
                raise Refused(
                    "belongs to another plan",
                    where=f"{self._shown}:{entry.sequence}",
                    advice="use the case of this plan",
                )

    def _read(self) -> bytes:
        size = os.fstat(self._fd).st_size
        if size > _MOST_BYTES:
            raise Refused("is too large for a journal", where=self._shown, advice="restore the case from a copy")
        raw = b""
        while piece := read_at(self._fd, size + 1 - len(raw), len(raw)):
            raw += piece
        return raw

    def _repair(self, raw: bytes, sound: int) -> None:
        if sound > len(raw):  # only the line's end was cut off
            write_all(self._fd, b"\n")
        elif sound < len(raw):
            os.ftruncate(self._fd, sound)
        else:
            return
        os.fsync(self._fd)

    def _write(self, line: bytes) -> None:
        if self._stuck:
            raise OSError(errno.EIO, "the journal's last line is torn")
        length = os.fstat(self._fd).st_size
        try:
            write_all(self._fd, line)
            os.fsync(self._fd)
        except OSError:
            self._stuck = True  # half a line may stand there now; nothing may follow it
            os.ftruncate(self._fd, length)
            self._stuck = False
            raise


def seal_entry(entry: Entry) -> Entry:
    """The same entry with its seal."""
    body = msgspec.json.encode(msgspec.structs.replace(entry, seal=""), order="deterministic")
    return msgspec.structs.replace(entry, seal=hashlib.sha256(body).hexdigest())


def encode_entry(entry: Entry) -> bytes:
    """The line as it stands in the file."""
    return msgspec.json.encode(entry, order="deterministic") + b"\n"


def read_lines(raw: bytes, where: str) -> tuple[list[Entry], int]:
    """The entries, and how many bytes of the file are sound: fewer than there are when the last line was cut short, one
    more when it lacks just its end. Raises Refused with the line's number at any other damage.
    """
    *lines, tail = raw.split(b"\n")
    entries: list[Entry] = []
    previous = FIRST
    for number, line in enumerate(lines, 1):
        entry = _read_line(line, number, previous)
        if entry is None:
            raise _newer(where, number) if _is_sealed(line) else _broken(where, number)
        entries.append(entry)
        previous = _hash_last(line)
    sound = len(raw) - len(tail)
    if not tail:
        return entries, sound
    number = len(lines) + 1
    if (entry := _read_line(tail, number, previous)) is not None:
        return [*entries, entry], len(raw) + 1
    if _is_sealed(tail):
        raise _newer(where, number)
    if _read_line(tail[:-1], number, previous) is not None:  # a whole line and one wrong byte: no crash does that
        raise _broken(where, number)
    return entries, sound


def _read_line(line: bytes, number: int, previous: str) -> Entry | None:
    """The entry, or None if anything about it is not as we wrote it."""
    try:
        entry = msgspec.json.decode(line, type=Entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    as_written = entry == seal_entry(entry) and encode_entry(entry) == line + b"\n"
    return entry if as_written and entry.sequence == number and entry.previous == previous else None


def _is_sealed(line: bytes) -> bool:
    """Whether the line is whole, though not what this version would write."""
    try:
        document = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    if not isinstance(document, dict):
        return False
    seal = document.pop("seal", "")
    try:
        known = seal_entry(msgspec.convert(document, Entry)).seal == seal
    except msgspec.ValidationError:
        known = False
    return not known and hashlib.sha256(msgspec.json.encode(document)).hexdigest() == seal


def _newer(where: str, number: int) -> Refused:
    advice = "use that version, also to roll back; nothing was touched"
    return Refused("was written by a newer version", where=f"{where}:{number}", advice=advice)


def _broken(where: str, number: int) -> Refused:
    return Refused(
        "the chain is broken here",
        where=f"{where}:{number}",
        advice="restore the case from a copy, or undo by hand from its vault; nothing was touched",
    )


def _hash_last(raw: bytes) -> str:
    """The hash of the last line, without its end; FIRST when there is none."""
    last = raw.rstrip(b"\n").rpartition(b"\n")[2]
    return hashlib.sha256(last).hexdigest() if last else FIRST
