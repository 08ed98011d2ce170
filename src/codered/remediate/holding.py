"""Keeping processes from doing anything while a plan is applied: those of the plan from the first moment, those that
come back in their place as soon as they are seen. A held child keeps its supervisor waiting, so no loop can win.

The journal knows of each one before it is held: after a crash the next run, or a rollback, finds them.
"""

import time
from collections.abc import Callable
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from codered.model.plan import Action, Plan, ProcessState
from codered.remediate.file_state import ChangeFailed, escape_text
from codered.remediate.journal import Journal, ProcessEvent
from codered.remediate.lookalikes import Lookalike, Lookalikes
from codered.remediate.pauses import is_paused
from codered.remediate.processes import (
    end_process,
    explain_protected,
    hold_process,
    is_gone,
    is_stopped,
    read_facts,
    release_process,
    wait_held,
)

WATCH_SECONDS = 1.5
MOST_RETURNS = 5
_PAUSE = 0.03
_GLANCE_SECONDS = 0.05
_MOST_ROUNDS = 50

Tell = Callable[[ProcessEvent, Action, str], None]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A process that comes back each time it is ended, so it is left frozen: like that of which action, what it runs,
    and the parent that starts it.
    """

    action: str
    where: str
    pid: int
    parent: int
    because: str


class Hold:
    """What one run holds."""

    def __init__(self, plan: Plan, journal: Journal, tell: Tell) -> None:
        self._journal = journal
        self._tell = tell
        self._by_id = {action.id: action for action in plan.actions if isinstance(action.expects, ProcessState)}
        self._plan = plan
        self._lookalikes: Lookalikes | None = None
        self._looked = 0.0
        self._returned: dict[tuple[int, int], Lookalike] = {}

    def hold_plan(self, todo: tuple[Action, ...]) -> None:
        """Freeze the processes that these actions stop or freeze, all at once, and what is started meanwhile for one
        that is stopped. One that can't be frozen is left to its action, which tells. Raises OSError.
        """
        if not self._by_id:
            return
        if any(action.kind != "freeze_process" for action in self._by_id.values()):
            self._lookalikes = Lookalikes(self._plan)
        stops = [action for action in todo if action.kind in ("stop_process", "freeze_process")]
        alive = [action for action in stops if not is_gone(action.process_state())]
        for action in alive:
            self._note("held", self._remember(action.process_state()), action, "frozen")
        _hold([action.process_state() for action in alive])
        self._take_over()
        self.catch()

    def catch(self) -> int:
        """Freeze whatever came back; how many. Raises OSError."""
        count = 0
        for _ in range(_MOST_ROUNDS if self._lookalikes else 0):
            new = self._find_new()
            for item in new:
                process, note = self._remember(item.process), f"process {item.process.pid} came back, and is frozen"
                self._note("held", process, item.action, note)
                self._admit(item)
            _hold([item.process for item in new])
            count += len(new)
            if not new:
                break
        return count

    def glance(self) -> None:
        """Freeze whatever came back, if it is time to look again. Raises OSError."""
        if time.monotonic() - self._looked > _GLANCE_SECONDS:
            self.catch()
            self._looked = time.monotonic()

    def end_returned(self) -> tuple[Held, ...]:
        """End what came back, and watch for more; what can't be ended for good stays held. Raises OSError."""
        if self._lookalikes is None:
            return ()
        self.catch()
        for returns in range(MOST_RETURNS + 1):
            stuck = [why for item in self._list_alive() if (why := self._end(item))]
            if not self._watch():
                return self._keep("it can't be ended") if stuck else ()
            protected = [item for item in self._list_alive() if explain_protected(item.parent)]
            if protected or returns == MOST_RETURNS:
                break
        return self._keep("it is started again each time it is ended")

    def release_all(self) -> int:
        """Let everything go on that the journal knows as held; how many. Raises OSError."""
        count = 0
        for entry in self._journal.held():
            process, action = entry.process, self._by_id.get(entry.action)
            if process is None or action is None or is_gone(process):
                continue
            wake = process.state != "held"
            note = f"process {process.pid} " + ("goes on" if wake else "stays stopped, as it was before")
            with suppress(ChangeFailed):  # a process that is protected now was never held by us
                count += release_process(process, wake=wake)
                # Only now: after a crash in between it is let go again, never forgotten.
                self._note("released", process, action, note)
        return count

    def release_unjournaled(self) -> None:
        """The same when the journal can't take a line any more: nothing may stay frozen that nobody knows of."""
        for entry in self._journal.held():
            with suppress(OSError, ChangeFailed):
                if entry.process is not None:
                    release_process(entry.process, wake=entry.process.state != "held")

    def _remember(self, process: ProcessState) -> ProcessState:
        """The process as it was before anything held it: one that was stopped already is not woken by a rollback."""
        for entry in self._journal.held():
            known = entry.process
            if known and (known.pid, known.start, known.boot) == (process.pid, process.start, process.boot):
                return replace(process, state=known.state)  # an interrupted run held it
        with suppress(OSError):
            return replace(process, state="held" if is_stopped(process) and not is_paused(process) else "running")
        return process

    def _take_over(self) -> None:
        """What an earlier run held and did not end is ours again, if it is not one of the plan's own."""
        own = {(state.pid, state.start) for state in (action.process_state() for action in self._by_id.values())}
        for entry in self._journal.held():
            process, action = entry.process, self._by_id.get(entry.action)
            if process is None or action is None or (process.pid, process.start) in own:
                continue
            if not is_gone(process):
                self._admit(Lookalike(process, _find_parent(process), action))

    def _admit(self, item: Lookalike) -> None:
        self._returned[item.process.pid, item.process.start] = item
        if self._lookalikes is not None:
            self._lookalikes.learn_parent(item.action, item.parent)

    def _find_new(self) -> list[Lookalike]:
        found = self._lookalikes.find() if self._lookalikes else ()
        return [item for item in found if (item.process.pid, item.process.start) not in self._returned]

    def _list_alive(self) -> list[Lookalike]:
        return [item for item in self._returned.values() if not is_gone(item.process)]

    def _end(self, item: Lookalike) -> str:
        """End one; why it could not be, "" if it could."""
        try:
            end_process(item.process)
        except ChangeFailed as error:
            return str(error)
        self._note("ended", item.process, item.action, f"process {item.process.pid}, which had come back, is ended")
        return ""

    def _watch(self) -> bool:
        """Whether anything comes back within WATCH_SECONDS; it is held then."""
        until = time.monotonic() + WATCH_SECONDS
        while time.monotonic() < until:
            if self.catch():
                return True
            time.sleep(_PAUSE)
        return False

    def _keep(self, because: str) -> tuple[Held, ...]:
        return tuple(
            Held(
                action=item.action.id,
                where=escape_text(item.action.shown or item.action.path.text),
                pid=item.process.pid,
                parent=_find_parent(item.process),
                because=because,
            )
            for item in self._list_alive()
        )

    def _note(self, event: ProcessEvent, process: ProcessState, action: Action, note: str) -> None:
        self._journal.append_process(event, process, action=action.id, note=note)
        self._tell(event, action, note)


def _hold(processes: list[ProcessState]) -> None:
    """All at once, and only then wait until they stand still."""
    for process in processes:
        with suppress(ChangeFailed):
            hold_process(process, wait=False)
    for process in processes:
        with suppress(OSError):
            wait_held(process)


def _find_parent(process: ProcessState) -> int:
    facts = read_facts(process.pid)
    return facts.parent if facts is not None else 0
