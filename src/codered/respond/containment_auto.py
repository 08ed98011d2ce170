"""Containing by itself what the behaviour of this host confirms: so many times an hour, each time for a while.

What takes time is done before anything is decided: for the ports that worms use most, and for what stops everything, a
containment lies ready.
"""

from collections import deque
from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from codered.model.errors import CodeRedError
from codered.model.firewall import ContainKind, FirewallOrder, PortRange, Session
from codered.model.plan import Plan
from codered.model.target import ChangeableTarget
from codered.remediate.plan_containment import make_containment_plan
from codered.remediate.ready import ReadyContainment
from codered.respond.changing import apply
from codered.respond.containing import Times, list_in_force, note_besides
from codered.respond.keeping import keep_plan
from codered.respond.ready_containment import begin_ready, forget_ready, make_ready
from codered.scan.behaviour import Seen

First = Literal["", "throttle", "block", "freeze", "isolate"]
MOST_READY = 4
_HOUR = 3600.0
_RATE, _BURST = 2.0, 20
_READY_BECAUSE = "made ready by `codered contain --auto`"


class AutoOrders(msgspec.Struct, frozen=True, kw_only=True):
    """What it does first ("" = block the port and freeze the process), at most `cap` times an hour, each for
    `undo_after` seconds; `sessions` and `management` stay allowed, `ports` are those a worm is likely to use.
    """

    first: First = ""
    cap: int = 3
    undo_after: float = 1800.0
    sessions: tuple[Session, ...] = ()
    management: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    tool: str = ""


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
        self._ready: dict[int, _Ready] = {}
        self._done: deque[float] = deque()
        self._by_port: dict[tuple[str, int], str] = {}
        self._frozen: set[tuple[int, int]] = set()

    def make_ready(self) -> None:
        """Make ready what is not. Raises Refused: it could not contain either."""
        ports = (0,) if self._orders.first in ("throttle", "isolate") else self._orders.ports[:MOST_READY]
        for port in ports if self._orders.first != "freeze" else ():
            if port not in self._ready:
                self._ready[port] = self._prepare("tcp", port)

    def close(self) -> None:
        """Let go of what was made ready and never needed."""
        for ready in self._ready.values():
            forget_ready(ready.containment, ready.plan)
        self._ready.clear()

    def act(self, seen: Seen) -> Deed:
        """Contain what this is about, if it is sure enough, allowed to be touched, and not too much by now."""
        if because := self._explain_told_only(seen):
            return Deed("", because)
        try:
            deed = self._contain(seen)
        except CodeRedError as error:
            return Deed("", f"nothing is contained: {error}")
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
        if process is not None and (spared := self._explain_spared(process.pid)):
            return f"process {process.pid} is not contained: {spared}"
        if self._is_contained(seen):
            return "contained already"
        while self._done and self._clock() - self._done[0] >= _HOUR:
            self._done.popleft()
        if len(self._done) >= self._orders.cap:
            return f"not contained: {self._orders.cap} times an hour is the cap that was set"
        return ""

    def _is_contained(self, seen: Seen) -> bool:
        process = seen.actor.process
        is_frozen = process is not None and (process.pid, process.start) in self._frozen
        if self._orders.first == "freeze":
            return is_frozen
        plan = self._by_port.get(self._key(seen), "")
        holds = bool(plan) and plan in list_in_force()
        return holds and (is_frozen or process is None or self._orders.first != "")

    def _key(self, seen: Seen) -> tuple[str, int]:
        everything = self._orders.first in ("throttle", "isolate")
        return ("", 0) if everything else (seen.verdict.protocol, seen.verdict.port)

    def _contain(self, seen: Seen) -> Deed:
        because = seen.finding.because
        self._done.append(self._clock())
        told, seconds, name = [], 0.0, self._by_port.get(self._key(seen), "")
        if self._orders.first != "freeze" and not (name and name in list_in_force()):
            name, seconds, unkept = self._set_firewall(seen, because)
            told.append(f"{name} holds after {seconds * 1000:.1f} ms" + (f" ({unkept})" if unkept else ""))
        if self._orders.first in ("", "freeze") and seen.actor.process is not None:
            frozen, story = self._freeze(seen, name)
            told.append(story)
            name = name or frozen
        return Deed(name, "; ".join(told), seconds)

    def _set_firewall(self, seen: Seen, because: str) -> tuple[str, float, str]:
        protocol, port = self._key(seen)
        taken = self._ready.pop(port, None) if protocol != "udp" else None
        ready = taken or self._prepare(protocol, port)
        held, unkept = begin_ready(ready.containment, ready.plan, self._orders.undo_after, because)
        self._by_port[protocol, port] = ready.plan.id
        return ready.plan.id, held.commit_seconds, unkept

    def _freeze(self, seen: Seen, besides: str) -> tuple[str, str]:
        """Freeze the process in a plan of its own, undone with the containment `besides`; the plan, and the story."""
        process = seen.actor.process
        if process is None:
            return "", ""
        try:
            plan = make_containment_plan(
                self._target.info, "freeze_process", FirewallOrder(), seen.finding.because,
                processes=(process,), tool=self._orders.tool, report_id="contain",
            )  # fmt: skip
            keep_plan(plan)
            apply(plan, self._target, lambda _: None)
            self._frozen.add((process.pid, process.start))
            if besides:
                note_besides(besides, plan.id)
        except CodeRedError as error:
            return "", f"process {process.pid} could not be frozen: {error}"
        return plan.id, f"process {process.pid} is frozen: `codered rollback {plan.id}` lets it go"

    def _prepare(self, protocol: str, port: int) -> _Ready:
        kind, order = self._make_order(protocol, port)
        plan = make_containment_plan(self._target.info, kind, order, _READY_BECAUSE, tool=self._orders.tool)
        return _Ready(plan, make_ready(plan, self._target, self._orders.undo_after))

    def _make_order(self, protocol: str, port: int) -> tuple[ContainKind, FirewallOrder]:
        orders = self._orders
        confirm_within = Times(undo_after=orders.undo_after).first_end()
        order = FirewallOrder(sessions=orders.sessions, management=orders.management, confirm_within=confirm_within)
        if orders.first == "isolate":
            return "isolate_host", order
        if orders.first == "throttle":
            return "throttle_outbound", msgspec.structs.replace(order, per_second=_RATE, burst=_BURST, destroy=False)
        ports = (PortRange(protocol="udp" if protocol == "udp" else "tcp", first=port, last=port),)
        return "block_outbound", msgspec.structs.replace(order, ports=ports)
