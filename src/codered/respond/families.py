"""Freezing a process with all that it has started, in plans of their own: each is let go again by a rollback."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from typing import NamedTuple

from codered.model.errors import CodeRedError, Refused
from codered.model.firewall import FirewallOrder
from codered.model.plan import ProcessState
from codered.model.process import ProcessId
from codered.model.target import ChangeableTarget
from codered.remediate.file_state import ChangeFailed
from codered.remediate.pauses import pausing
from codered.remediate.plan_containment import make_containment_plan
from codered.remediate.processes import PROC, is_stopped, list_pids, read_boot, read_facts
from codered.respond.changing import apply
from codered.respond.keeping import keep_plan

MOST_MEMBERS = 256
_ROUNDS = 8
_MOST_STATUS = 1 << 16
GONE = "it has ended"


class Frozen(NamedTuple):
    """What stands still now, by which plans, and the numbers of its users; `left` says why not all of it does ("" = all
    does), `spared` who was left alone on purpose.
    """

    members: tuple[ProcessId, ...] = ()
    plans: tuple[str, ...] = ()
    users: tuple[int, ...] = ()
    left: str = ""
    spared: tuple[str, ...] = ()


class FamilyFreezer:
    """`explain_spared` says why a process must not be touched ("" = it may)."""

    def __init__(self, target: ChangeableTarget, explain_spared: Callable[[int], str], tool: str) -> None:
        self._target, self._explain_spared, self._tool = target, explain_spared, tool
        self._held: set[ProcessId] = set()

    def stands_still(self, process: ProcessId) -> bool:
        """Whether we have frozen it and nobody has let it go since."""
        if process not in self._held:
            return False
        with suppress(OSError):
            state = ProcessState(pid=process.pid, start=process.start, boot=read_boot(), state="held")
            if is_stopped(state):
                return True
        self._held.discard(process)
        return False

    def freeze(self, head: ProcessId, because: str) -> Frozen:
        """Freeze it first, then what descends from it, until no more comes."""
        members: dict[ProcessId, None] = {}
        plans: list[str] = []
        users: set[int] = set()
        spared: dict[int, str] = {}
        left, new = "", [head] if _is_there(head) else []
        for _ in range(_ROUNDS):
            if not new:
                break
            users.update(user for one in new for user in _read_users(one))
            left = ""
            for done, plan, why in self._freeze_all(new, because):
                members.update(dict.fromkeys(done))
                plans += [plan] if plan else []
                left = why or left
            new = [one for one in find_descendants(head) if one not in members and one.pid not in spared]
            spared.update({one.pid: why for one in new if (why := self._explain_spared(one.pid))})
            new = [one for one in new if one.pid not in spared][: MOST_MEMBERS - len(members)]
        if new:
            left = left or "it starts processes faster than they are frozen"
        self._held.update(members)
        told = tuple(f"process {pid} is left alone: {why}" for pid, why in spared.items())
        return Frozen(tuple(members), tuple(plans), tuple(sorted(users)), left if members else left or GONE, told)

    def _freeze_all(self, new: list[ProcessId], because: str) -> Iterable[tuple[list[ProcessId], str, str]]:
        """Together; where that fails (one of them has ended meanwhile), one by one. The frozen, their plan, and why
        they could not be.
        """
        try:
            yield new, self._freeze(new, because), ""
        except CodeRedError as error:
            if len(new) == 1:
                yield [], "", str(error) if _is_there(new[0]) else ""
                return
            for one in new:
                yield from self._freeze_all([one], because)

    def _freeze(self, processes: list[ProcessId], because: str) -> str:
        """Raises CodeRedError."""
        try:
            with ExitStack() as pauses:
                for process in processes:
                    pauses.enter_context(pausing(process))
                plan = make_containment_plan(
                    self._target.info, "freeze_process", FirewallOrder(), because, processes=processes,
                    tool=self._tool, report_id="contain",
                )  # fmt: skip
                keep_plan(plan)
                apply(plan, self._target, lambda _: None)
        except (OSError, ChangeFailed) as error:
            raise Refused(f"no signal reaches it: {error}", advice="look at it with your own tools") from None
        return plan.id


def find_descendants(head: ProcessId) -> list[ProcessId]:
    """What this process has started that still runs, and what that has started."""
    children: dict[int, list[ProcessId]] = {}
    for pid in list_pids():
        with suppress(OSError):
            if (facts := read_facts(pid)) is not None and facts.letter not in (b"Z", b"X"):
                children.setdefault(facts.parent, []).append(ProcessId(pid, facts.start))
    found: list[ProcessId] = []
    todo = [head.pid] if _is_there(head) else []
    while todo:
        below = children.pop(todo.pop(), [])
        found += below
        todo += [one.pid for one in below]
    return found


def _is_there(process: ProcessId) -> bool:
    with suppress(OSError):
        facts = read_facts(process.pid)
        return facts is not None and facts.start == process.start and facts.letter not in (b"Z", b"X")
    return False


def _read_users(process: ProcessId) -> Iterable[int]:
    """Whose the sockets are that it makes."""
    with suppress(OSError), (PROC / str(process.pid) / "status").open("rb") as file:
        for line in file.read(_MOST_STATUS).splitlines():
            words = line.split()
            if words[:1] == [b"Uid:"] and len(words) == 5:
                return (int(words[4]),)
    return ()
