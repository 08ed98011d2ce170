"""Containing by itself what the behaviour of this host confirms: so many times an hour, each time for a while.

Whoever may start a process here may make it scan: so what is done to a known process must hurt nobody else. It stands
still with all it has started, and its port is closed for its users. The whole host is meant only where no process is
known, none can be held, or more of them come than were to be contained: and then it is slowed.

What takes time is done before anything is decided: for the ports that worms use most, and for what stops everything, a
containment lies ready.
"""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from codered.model.errors import CodeRedError
from codered.model.firewall import Session
from codered.model.plan import Plan
from codered.model.process import ProcessId
from codered.model.target import ChangeableTarget
from codered.remediate.firewall.links import find_switch
from codered.remediate.firewall.process_sockets import end_connections_of
from codered.remediate.plan_containment import make_containment_plan
from codered.remediate.ready import ReadyContainment
from codered.respond.changing import undo
from codered.respond.containing import list_in_force, note_besides
from codered.respond.containment_aims import ALL_SLOWED, Aim, AutoOrders, make_order
from codered.respond.families import FamilyFreezer, Frozen
from codered.respond.keeping import plan_file, read_plan
from codered.respond.ready_containment import begin_ready, forget_ready, make_ready
from codered.scan.behaviour import Seen

MOST_READY = 4
MOST_DEEDS = 200  # an hour, of however few programs
_HOUR = 3600.0
_READY_BECAUSE = "made ready by `codered contain --auto`"


class Deed(NamedTuple):
    """What came of a verdict: the plan of a containment ("" = nothing was done), its story, and the seconds from the
    decision until the rules stood (0 = no rules).
    """

    plan: str
    story: str
    seconds: float = 0.0


class _Ready(NamedTuple):
    plan: Plan
    containment: ReadyContainment


class AutoContainment:
    """Contains by itself. `explain_spared` says why a process must not be touched ("" = it may); `clock` is one that
    nobody sets.
    """

    def __init__(
        self,
        target: ChangeableTarget,
        orders: AutoOrders,
        explain_spared: Callable[[int], str],
        clock: Callable[[], float],
    ) -> None:
        self._target = target
        self._orders = orders
        self._explain_spared = explain_spared
        self._clock = clock
        self._freezer = FamilyFreezer(target, explain_spared, orders.tool)
        self._ready: dict[Aim, _Ready] = {}
        self._done: deque[tuple[float, str]] = deque()
        self._holding: dict[Aim, str] = {}
        self._to_release: deque[tuple[float, str]] = deque()

    def make_ready(self) -> None:
        """Make ready what is not. Raises Refused: it could not contain either."""
        for aim in self._list_likely():
            if aim not in self._ready:
                self._ready[aim] = self._prepare(aim)

    def allow(self, sessions: tuple[Session, ...]) -> bool:
        """These sessions stay allowed from now on; whether they are others. Raises Refused: what was ready is not."""
        if sessions == self._orders.sessions:
            return False
        self._orders = msgspec.structs.replace(self._orders, sessions=sessions)
        self.close()
        self.make_ready()
        return True

    def close(self) -> None:
        """Let go of what was made ready and never needed."""
        for ready in self._ready.values():
            forget_ready(ready.containment, ready.plan)
        self._ready.clear()

    def release_due(self) -> list[str]:
        """Let go of what is frozen and belongs to no containment that would do so, when its time is over; the story."""
        told = []
        while self._to_release and self._clock() >= self._to_release[0][0]:
            _, name = self._to_release.popleft()
            try:
                undo(read_plan(plan_file(name)), self._target, lambda _: None)
                told.append(f"its time is over: {name} is undone")
            except CodeRedError as error:
                told.append(f"its time is over, but it could not be undone: {error}")
        return told

    def still_frozen(self) -> tuple[str, ...]:
        """The plans that nobody will undo once we are gone."""
        return tuple(name for _, name in self._to_release)

    def act(self, seen: Seen) -> Deed:
        """Contain what this is about, if it is sure enough, allowed to be touched, and not too much by now."""
        if because := self._explain_told_only(seen):
            return Deed("", because)
        try:
            if self._is_capped(seen):
                return self._step_up(seen)
            deed = self._contain(seen)
        except CodeRedError as error:
            return Deed("", f"nothing is contained: {error}")
        if deed.plan:
            self._done.append((self._clock(), self._name_whom(seen)))
        return deed

    def _explain_told_only(self, seen: Seen) -> str:
        """Why nothing is done; "" if something is."""
        if seen.allowed:
            return "not contained: an authorised scanner"
        if (seen.verdict.confidence, seen.finding.confidence) != ("confirmed", "confirmed"):
            return f"not contained: {seen.finding.confidence} only"
        process = seen.actor.process
        if process is None and self._orders.first == "freeze":
            return f"nothing is frozen: {seen.actor.why_no_process or 'the process is not known'}"
        if process is None and (switch := _find_switch()):
            return f"not contained: no process is known, and others send frames through {switch} of this host"
        if process is not None and (spared := self._explain_spared(process.pid)):
            return f"process {process.pid} is not contained: {spared}"
        return "contained already" if self._is_contained(seen) else ""

    def _is_contained(self, seen: Seen) -> bool:
        process = seen.actor.process
        if process is not None and self._freezes() and self._freezer.stands_still(process):
            return True
        return (process is None or not self._freezes()) and self._holds(self._aim_wide(seen))

    def _is_capped(self, seen: Seen) -> bool:
        while self._done and self._clock() - self._done[0][0] >= _HOUR:
            self._done.popleft()
        whom = {one for _, one in self._done}
        return len(self._done) >= MOST_DEEDS or (len(whom) >= self._orders.cap and self._name_whom(seen) not in whom)

    def _name_whom(self, seen: Seen) -> str:
        """What counts once an hour: a user's program where it is frozen, else what the firewall is told of."""
        actor = seen.actor
        if actor.process is None or not self._freezes():
            return str(self._aim_wide(seen))
        return f"{actor.program} {actor.user}" if actor.program else str(actor.process)

    def _freezes(self) -> bool:
        return self._orders.first in ("", "freeze")

    def _aim_wide(self, seen: Seen) -> Aim:
        """What the firewall is told where no process is, or is to be, frozen."""
        if self._orders.first == "throttle":
            return ALL_SLOWED
        if self._orders.first == "isolate":
            return Aim("isolate_host")
        return Aim("block_outbound", "udp" if seen.verdict.protocol == "udp" else "tcp", seen.verdict.port)

    def _holds(self, aim: Aim) -> bool:
        name = self._holding.get(aim, "")
        return bool(name) and name in list_in_force()

    def _step_up(self, seen: Seen) -> Deed:
        """More of them than were to be contained: decoys, or a worm that no freezing ends. Raises what `begin_ready`
        raises.
        """
        told = f"{self._orders.cap} times an hour is the cap that was set"
        if self._orders.first not in ("", "block") or self._holds(ALL_SLOWED):
            return Deed("", f"not contained: {told}")
        deed = self._set_firewall(ALL_SLOWED, seen)
        return deed._replace(story=f"{told}: new connections of this host are slowed instead; {deed.story}")

    def _contain(self, seen: Seen) -> Deed:
        process = seen.actor.process
        if process is None or not self._freezes():
            return self._set_firewall(self._aim_wide(seen), seen)
        frozen = self._freezer.freeze(process, seen.finding.because)
        told = [*self._tell_frozen(process, frozen), *frozen.spared, *self._end_connections(frozen, seen)]
        name = frozen.plans[0] if frozen.plans else ""
        try:
            deed = self._close_for_users(frozen, seen) if self._orders.first == "" else Deed("", "")
        except CodeRedError as error:
            deed = Deed("", f"the firewall is left as it was: {error}")
        for plan in frozen.plans:
            self._see_released(plan, deed.plan)
        return Deed(deed.plan or name, "; ".join([*told, *([deed.story] if deed.story else [])]), deed.seconds)

    def _close_for_users(self, frozen: Frozen, seen: Seen) -> Deed:
        """The port, for those whose processes stand still; where some don't, it is slowed for all."""
        wide = self._aim_wide(seen)
        aim = wide._replace(users=frozen.users)
        if frozen.left or not frozen.users:
            aim = wide._replace(kind="throttle_outbound")
        alike = [self._holding[one] for one in self._holding if _is_alike(one, aim) and self._holds(one)]
        if not self._holds(aim) and len(alike) >= self._orders.cap:  # each costs tables and a process of ours
            if aim.users:
                return Deed(alike[-1], f"its port stays open: {len(alike)} are closed for its users already")
            aim = ALL_SLOWED
        if self._holds(aim):
            return Deed(self._holding[aim], f"{self._holding[aim]} holds already")
        return self._set_firewall(aim, seen)

    def _see_released(self, plan: str, holding: str) -> None:
        """With the containment it belongs to, or by us."""
        if holding:
            try:
                note_besides(holding, plan)
            except CodeRedError:
                holding = ""
        if not holding:
            self._to_release.append((self._clock() + self._orders.undo_after, plan))

    def _tell_frozen(self, process: ProcessId, frozen: Frozen) -> list[str]:
        told = []
        if frozen.members:
            more = len(frozen.members) - 1
            started = f", with {more:,} that it started" if more else ""
            ways = " and ".join(f"`codered rollback {plan}`" for plan in frozen.plans[:3])
            told.append(f"process {process.pid} is frozen{started}: {ways} lets {'them' if more else 'it'} go")
        if frozen.left:
            told.append(f"process {process.pid} is not held: {frozen.left}")
        return told

    def _end_connections(self, frozen: Frozen, seen: Seen) -> list[str]:
        try:
            ended = end_connections_of((one.pid for one in frozen.members), seen.verdict.port)
        except OSError as error:
            return [f"its connections stay: {error.strerror or error}"]
        return [ended.why_not] if ended.why_not else []

    def _set_firewall(self, aim: Aim, seen: Seen) -> Deed:
        """Raises what `begin_ready` raises, and Refused."""
        ready = self._ready.pop(aim, None) or self._prepare(aim)
        held, unkept = begin_ready(ready.containment, ready.plan, self._orders.undo_after, seen.finding.because)
        name = self._holding[aim] = ready.plan.id
        story = f"{name} holds after {held.commit_seconds * 1000:.1f} ms" + (f" ({unkept})" if unkept else "")
        return Deed(name, story, held.commit_seconds)

    def _list_likely(self) -> list[Aim]:
        if self._orders.first == "freeze":
            return []
        if self._orders.first in ("throttle", "isolate"):
            return [ALL_SLOWED if self._orders.first == "throttle" else Aim("isolate_host")]
        return [Aim("block_outbound", port=port) for port in self._orders.ports[:MOST_READY]]

    def _prepare(self, aim: Aim) -> _Ready:
        order = make_order(aim, self._orders)
        plan = make_containment_plan(self._target.info, aim.kind, order, _READY_BECAUSE, tool=self._orders.tool)
        return _Ready(plan, make_ready(plan, self._target, self._orders.undo_after))


def _find_switch() -> str:
    try:
        return find_switch()
    except OSError as error:
        return f"a device that can't be told ({error.strerror or error})"


def _is_alike(one: Aim, other: Aim) -> bool:
    return (one.kind, one.users) == (other.kind, other.users)
