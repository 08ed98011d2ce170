"""The keeper of a containment: sleeps on the kernel's notices and puts our tables back when another program takes them
away. It never works against its user: whoever undoes the containment, or lets the time for a confirmation pass, has
the last word, and so has the kernel when it opened by itself.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from codered.model.containment import ContainmentRecord
from codered.model.errors import CodeRedError
from codered.remediate.keeping.deadlines import count_left, may_have_opened, read_now
from codered.remediate.keeping.notices import Notices
from codered.remediate.keeping.own_tables import OwnTables, TablesSeen
from codered.remediate.keeping.records import ContainmentFolder, read_boot
from codered.remediate.keeping.starting import python_command, tell_systemd_ready

MOST_A_MINUTE = 20
FIGHT_PAUSE = 3.0  # seconds between two of our returns, once it is a fight
USUAL_PAUSE = 30.0  # seconds until it is looked at anyway: a notice may be lost
MOST_UNDOING = 3  # tries, when the time is over
_OVER = "its time is over"
_BUSY_PAUSE = 0.05
_SOON = 0.02
_LAST_PAUSE = 0.2  # between looks in the last second, which the kernel counts as none


class Firewall(Protocol):
    """Our own tables of one containment."""

    def look(self) -> TablesSeen:
        """What is there now. Raises CodeRedError."""
        ...

    def hold(self, seconds: float) -> None:
        """Put them there as ordered, to be opened by the kernel in `seconds` (0 = never). Raises CodeRedError."""
        ...

    def cover_devices(self) -> tuple[str, ...]:
        """Take in the devices that came up later; their names. Raises CodeRedError."""
        ...


class Turn(NamedTuple):
    """What a look came to: how many seconds may pass until the next one; None = there is nothing to keep any more.
    `undo`: the time is over, so it is to be undone.
    """

    pause: float | None
    undo: bool = False


class Keeper:
    """Keeps one containment. `now` is the time in a record's own terms, `clock` a clock that nobody sets."""

    def __init__(
        self,
        folder: ContainmentFolder,
        open_firewall: Callable[[ContainmentRecord], Firewall] = OwnTables,
        now: Callable[[ContainmentRecord], datetime] = read_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._open_firewall = open_firewall
        self._now = now
        self._clock = clock
        self._returns: deque[float] = deque(maxlen=MOST_A_MINUTE + 1)
        self._told: set[str] = set()

    def take_turn(self) -> Turn:
        """Look, and put back what is missing."""
        try:
            turn = self._look(may_change=False)
            if turn is not None:
                return turn
            with self._folder.locked_case():  # and again: whoever undoes it holds this lock
                return self._look(may_change=True) or Turn(_SOON)
        except BlockingIOError:
            return Turn(_BUSY_PAUSE)  # an apply or a rollback of it is at work
        except (CodeRedError, OSError) as error:
            self._tell_once("failed", f"{error}")
            return Turn(FIGHT_PAUSE)

    def _look(self, *, may_change: bool) -> Turn | None:
        """None: it is not as it should be, and nothing may be changed yet."""
        record = self._folder.read()
        if record is None or not self._folder.is_in_force(record):
            return Turn(None)
        now = self._now(record)
        left = count_left(record.ends(), now)
        if record.undo_at is not None and now >= record.undo_at:
            return Turn(None, undo=True)
        if record.boot != read_boot() and not record.survives_reboot:
            self._folder.note("left", "the host was started anew, and it was not to survive that")
            return Turn(None)
        firewall = self._open_firewall(record)
        seen = firewall.look()
        if seen.opened and may_have_opened(record, now):
            self._folder.note("opened", "the kernel opened it")
            return Turn(None, undo=record.undo_unconfirmed)
        if left is not None and left <= 0:
            return self._end(record, seen)
        if not is_held_as(record, seen) or seen.devices_missing:
            return self._put_back(firewall, record, seen, left or 0.0) if may_change else None
        until = left if seen.opens_in is None else seen.opens_in
        return Turn(min(USUAL_PAUSE, until + _SOON) if until is not None else USUAL_PAUSE)

    def _end(self, record: ContainmentRecord, seen: TablesSeen) -> Turn:
        """Nobody confirmed it in time: the kernel has the last word while it counts on (its sets stand still while the
        host sleeps); tables in which it does not count are undone.
        """
        if seen.opens_in is not None:
            return Turn(min(USUAL_PAUSE, max(seen.opens_in, _LAST_PAUSE)))
        self._folder.note("opened", "nobody confirmed it in time")
        return Turn(None, undo=record.undo_unconfirmed or (seen.present and not seen.opened))

    def _put_back(self, firewall: Firewall, record: ContainmentRecord, seen: TablesSeen, left: float) -> Turn:
        fights = len(self._returns) > MOST_A_MINUTE and self._clock() - self._returns[0] < 60
        if fights and self._clock() - self._returns[-1] < FIGHT_PAUSE:
            self._tell_once("fight", f"another program takes it away more than {MOST_A_MINUTE} times a minute")
            return Turn(FIGHT_PAUSE - (self._clock() - self._returns[-1]))
        self._returns.append(self._clock())
        if is_held_as(record, seen):
            self._folder.note("device", f"also covered: {', '.join(firewall.cover_devices())}")
        else:
            firewall.hold(left)
            how = "opened by another program" if seen.opened else "changed by another program"
            self._folder.note("put_back", how if seen.present else "flushed")
        return Turn(_SOON)

    def _tell_once(self, what: str, told: str) -> None:
        if (line := f"{what}: {told}") not in self._told and len(self._told) < MOST_A_MINUTE:
            self._told.add(line)
            self._folder.note("fight" if what == "fight" else "failed", told)


def is_held_as(record: ContainmentRecord, seen: TablesSeen) -> bool:
    """Whether the tables are as ordered, and to be opened by the kernel if and only if the record says so."""
    if not seen.as_ordered or seen.opened:
        return False
    return not record.order.confirm_within or (seen.opens_in is None) == (record.ends() is None)


def keep(folder: ContainmentFolder, tell_ready: Callable[[], None]) -> Turn:
    """Keep it until it is over or a signal says to end. Raises BlockingIOError if somebody keeps it, OSError."""
    lock = folder.become_keeper()
    notices = Notices()
    try:
        notices.obey_signals()
        keeper = Keeper(folder)
        turn = keeper.take_turn()
        folder.note("kept", f"by process {os.getpid()}")
        tell_ready()
        while turn.pause is not None and not notices.asked_to_end:
            began = time.monotonic()
            while not notices.wait(turn.pause - (time.monotonic() - began)) and time.monotonic() - began < turn.pause:
                pass
            if not notices.asked_to_end:
                turn = keeper.take_turn()
        return turn
    finally:
        notices.close()
        os.close(lock)


def run_keeper(state: Path, name: str) -> int:
    """Keep a containment until it is over; undo it when its time is over. Raises WrongUse, OSError."""
    folder = ContainmentFolder(state, name)
    try:
        turn = keep(folder, tell_systemd_ready)
    except BlockingIOError:
        return 0
    if turn.undo and sum(note.told == _OVER for note in folder.read_book()) >= MOST_UNDOING:
        folder.note("failed", "it could not be undone; the kernel has opened it")
    elif turn.undo:
        folder.note("undone", _OVER)
        words = [*python_command("codered"), "contain", "off", folder.name, "--yes"]
        os.environ["CODERED_STATE"] = str(folder.state)
        os.execv(words[0], words)  # noqa: S606 - our own interpreter and module, as a list
    return 0


if __name__ == "__main__":
    sys.exit(run_keeper(Path(sys.argv[1]), sys.argv[2]))
