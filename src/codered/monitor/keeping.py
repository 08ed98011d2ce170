"""What a watch keeps on the disk: its state, its heartbeat and its events, so that it can go on after a crash."""

import fcntl
import os
import re
from pathlib import Path
from typing import TypeVar

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.model.monitoring import Heartbeat, MonitorEvent, MonitorReport, MonitorState

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
MOST_BYTES = 64 << 20  # of one file
_NOTES_BYTES = 8 << 20
MOST_EVENTS = 20_000  # kept; the counts go on
MOST_NOTES = 5_000  # events after which only weighty ones are kept
_Noun = TypeVar("_Noun", MonitorState, Heartbeat, MonitorReport)


class Keeping:
    """The folder of one watch. Open it to work in it: only one may."""

    def __init__(self, monitors: Path, name: str) -> None:
        """Raises WrongUse if the name is none."""
        if not NAME.fullmatch(name):
            raise WrongUse("is no name for a watch", where=ascii(name[:80]), advice="use a-z, 0-9 and -")
        self.name = name
        self.folder = monitors / name
        self._lock = -1
        self._events = 0
        self._bytes = 0
        self._torn = False

    def open(self) -> None:
        """Make the folder and lock it. Raises Refused if this watch runs already, WrongUse if it can't be written."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.read_events()  # how many there are, and whether the last was cut off
        except BlockingIOError:
            self.close()
            advice = f"see `codered monitor status {self.name}`, or give this one another --name"
            raise Refused("a watch of this name runs already", where=self.name, advice=advice) from None
        except OSError as error:
            self.close()
            what = f"can't be written: {error.strerror}"
            raise WrongUse(what, where=str(self.folder), advice="set CODERED_STATE") from None

    def is_running(self) -> bool:
        """Whether somebody works in it now."""
        try:
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def close(self) -> None:
        """Let go of it."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def read_state(self) -> MonitorState | None:
        """The saved state, None if there is none. Raises WrongUse if it is damaged."""
        return self._read("state.json", MonitorState)

    def read_heartbeat(self) -> Heartbeat | None:
        """The last heartbeat, None if there is none that can be read."""
        try:
            return self._read("heartbeat.json", Heartbeat)
        except WrongUse:
            return None

    def read_report(self) -> MonitorReport | None:
        """The report of a watch that is over. Raises WrongUse if it is damaged."""
        return self._read("report.json", MonitorReport)

    def read_events(self) -> tuple[MonitorEvent, ...]:
        """What was told so far; a line that a crash cut off is left out."""
        found: list[MonitorEvent] = []
        try:
            with (self.folder / "events.jsonl").open("rb") as file:
                raw = file.read(MOST_BYTES)
        except OSError:
            return ()
        lines = raw.split(b"\n")
        self._torn, self._bytes = bool(lines[-1]), len(raw)
        for line in lines:
            if len(found) >= MOST_EVENTS:
                break
            try:
                found.append(msgspec.json.decode(line, type=MonitorEvent))
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
        self._events = len(found)
        return tuple(found)

    def write(self, noun: MonitorState | Heartbeat | MonitorReport) -> None:
        """Keep it, whole or not at all. Raises OSError."""
        names = {MonitorState: "state.json", Heartbeat: "heartbeat.json", MonitorReport: "report.json"}
        _write_whole(self.folder / names[type(noun)], msgspec.json.encode(noun))

    def append(self, event: MonitorEvent, *, weighty: bool = True) -> None:
        """Keep an event, on the disk when this returns, while there is room; the last room is for what is `weighty`.
        Raises OSError.
        """
        line = b"\n" * self._torn + msgspec.json.encode(event) + b"\n"
        most, size = (MOST_EVENTS, MOST_BYTES) if weighty else (MOST_NOTES, _NOTES_BYTES)
        if self._events >= most or self._bytes + len(line) > size:
            return
        self._events += 1
        self._bytes += len(line)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(self.folder / "events.jsonl", flags, 0o600)
        try:
            self._torn = os.write(fd, line) < len(line)  # a disk that is full takes a part
            os.fdatasync(fd)
        finally:
            os.close(fd)

    def begin_anew(self) -> None:
        """Forget a watch of this name that is over. Raises OSError."""
        for name in ("events.jsonl", "heartbeat.json", "report.json", "stop"):
            (self.folder / name).unlink(missing_ok=True)
        self._events, self._bytes, self._torn = 0, 0, False

    def ask_to_stop(self) -> None:
        """Have the watch that runs end. Raises OSError."""
        (self.folder / "stop").touch()

    def is_asked_to_stop(self) -> bool:
        """Whether somebody wants it to end."""
        return (self.folder / "stop").exists()

    def _read(self, name: str, kind: type[_Noun]) -> _Noun | None:
        path = self.folder / name
        try:
            with path.open("rb") as file:
                return msgspec.json.decode(file.read(MOST_BYTES), type=kind)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice="run it as its owner") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise WrongUse("is damaged", where=str(path), advice=f"remove {path.parent} and start anew") from None


def list_names(monitors: Path) -> tuple[str, ...]:
    """The names of all watches that are kept. A folder with nothing in it but a lock was never one."""
    try:
        names = [entry.name for entry in os.scandir(monitors) if NAME.fullmatch(entry.name)]
        return tuple(sorted(name for name in names if not _is_bare(monitors / name)))
    except OSError:
        return ()


def _is_bare(folder: Path) -> bool:
    try:
        return set(os.listdir(folder)) <= {"lock"}
    except OSError:  # it is told when it is read
        return False


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with open(fd, "wb", closefd=False) as file:
            file.write(data)
        os.fsync(fd)
    finally:
        os.close(fd)
    os.replace(part, path)
