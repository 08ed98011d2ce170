"""The folder of a containment: `record.json book.jsonl keeper.lock keeper.log`, beside the case of its plan."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from codered.model.containment import ContainmentNote, ContainmentRecord, NoteKind
from codered.model.errors import Refused, WrongUse
from codered.system.descriptors import NEVER_BLOCKS, NO_FOLLOW, NOT_INHERITED, RAW
from codered.system.locks import lock_whole

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_MOST_BYTES = 1 << 20
_MOST_BOOK = 4 << 20
_MOST_JOURNAL = 64 << 20
_FLAGS = NO_FOLLOW | NOT_INHERITED | RAW


class _Line(msgspec.Struct):
    """What is needed of a journal's line; the journal itself is verified whole by whoever changes something."""

    event: str
    action: str = ""


class ContainmentFolder:
    """What is kept of one containment. `state` is the state folder of the tool."""

    def __init__(self, state: Path, name: str) -> None:
        """Raises WrongUse if the name is none."""
        if not NAME.fullmatch(name):
            what, advice = "is no name of a containment", "see `codered contain status`"
            raise WrongUse(what, where=ascii(name[:80]), advice=advice)
        self.name = name
        self.state = state
        self.folder = state / "containments" / name
        self.case = state / "cases" / name

    def make(self) -> None:
        """Make the folder, for its owner alone. Raises Refused."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            what, advice = f"can't be made: {error.strerror}", "make room, or set CODERED_STATE"
            raise Refused(what, where=str(self.folder), advice=advice) from None

    def read(self) -> ContainmentRecord | None:
        """The record, None if there is none. Raises WrongUse if it is damaged, Refused if it can't be read."""
        path = self.folder / "record.json"
        try:
            raw = _read(path, _MOST_BYTES)
            return msgspec.json.decode(raw, type=ContainmentRecord)
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise _refuse_to_read(path, error) from None
        except OSError as error:
            advice = f"undo it: `codered contain off {self.name}`"
            raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice=advice) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            advice = f"undo it: `codered contain off {self.name}`"
            raise WrongUse("is damaged", where=str(path), advice=advice) from None

    def write(self, record: ContainmentRecord) -> None:
        """Keep the record, whole or not at all, on the disk when this returns. Raises OSError."""
        part = self.folder / "record.json.part"
        with suppress(FileNotFoundError):
            part.unlink()
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600), "wb") as file:
            file.write(msgspec.json.encode(record))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.folder / "record.json")

    def forget_record(self) -> None:
        """Take a record away that nobody can read any more; its book stays."""
        with suppress(OSError):
            (self.folder / "record.json").unlink()

    def note(self, what: NoteKind, told: str = "") -> None:
        """A line in the book, while there is room; a disk that is full must not end the keeping."""
        line = msgspec.json.encode(ContainmentNote(at=datetime.now(UTC), what=what, told=told[:500])) + b"\n"
        with suppress(OSError):
            fd = os.open(self.folder / "book.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND | _FLAGS, 0o600)
            try:
                if os.fstat(fd).st_size < _MOST_BOOK:
                    os.write(fd, line)
            finally:
                os.close(fd)

    def read_book(self) -> tuple[ContainmentNote, ...]:
        """The lines of the book; one that a crash cut off is left out."""
        found = []
        with suppress(OSError):
            for line in _read(self.folder / "book.jsonl", _MOST_BOOK + _MOST_BYTES).splitlines():
                with suppress(msgspec.DecodeError, UnicodeDecodeError):
                    found.append(msgspec.json.decode(line, type=ContainmentNote))
        return tuple(found)

    def is_in_force(self, record: ContainmentRecord) -> bool:
        """Whether the journal of its case says that the firewall was set, not undone. Raises Refused."""
        return self._read_last(record) == "verified"

    def is_begun(self, record: ContainmentRecord) -> bool:
        """Whether there may be something to undo: also what a crash left half-way. Raises Refused."""
        return self._read_last(record) in ("begun", "verified", "undo_begun")

    def _read_last(self, record: ContainmentRecord) -> str:
        """The last event of the action that sets the firewall, "" if there is none."""
        last, path, lines = "", self.case / "journal.jsonl", b""
        try:
            lines = _read(path, _MOST_JOURNAL)
        except PermissionError as error:
            raise _refuse_to_read(path, error) from None
        except OSError:
            return ""
        for line in lines.splitlines():
            with suppress(msgspec.DecodeError, UnicodeDecodeError):
                entry = msgspec.json.decode(line, type=_Line)
                if entry.action == record.action:
                    last = entry.event
        return last

    @contextmanager
    def locked_case(self) -> Iterator[None]:
        """Keep every apply and rollback of this containment out. Raises BlockingIOError if one is at work, OSError."""
        fd = os.open(self.case / "lock", os.O_RDWR | _FLAGS)
        try:
            lock_whole(fd)
            yield
        finally:
            os.close(fd)

    def find_keeper(self) -> int:
        """The pid of who keeps it now, 0 = nobody."""
        try:
            fd = os.open(self.folder / "keeper.lock", os.O_RDWR | _FLAGS)
        except OSError:
            return 0
        try:
            lock_whole(fd)
        except BlockingIOError:
            text = os.read(fd, 32)
            return int(text) if text.isdigit() else -1
        finally:
            os.close(fd)
        return 0

    def become_keeper(self) -> int:
        """The lock of the only keeper, to be held as long as it keeps. Raises BlockingIOError, OSError."""
        fd = os.open(self.folder / "keeper.lock", os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
        try:
            lock_whole(fd)
            os.ftruncate(fd, 0)
            os.pwrite(fd, b"%d" % os.getpid(), 0)
        except OSError:
            os.close(fd)
            raise
        return fd


def list_containments(state: Path) -> tuple[str, ...]:
    """The names of all that are kept, the newest first. Raises Refused if that can't be read."""
    folder = state / "containments"
    try:
        names = [entry.name for entry in os.scandir(folder) if NAME.fullmatch(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise _refuse_to_read(folder, error) from None
    return tuple(sorted(names, reverse=True))


def _refuse_to_read(path: Path, error: OSError) -> Refused:
    return Refused(f"can't be read: {error.strerror}: it needs root", where=str(path), advice="run this as root")


def read_boot() -> str:
    """The kernel's boot id. Raises OSError."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _read(path: Path, most: int) -> bytes:
    with open(os.open(path, os.O_RDONLY | NEVER_BLOCKS | _FLAGS), "rb") as file:
        return file.read(most)
