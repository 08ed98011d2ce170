"""A containment is a plan of its own: approved, journaled, rolled back like any other, and never part of a removal."""

import os
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, TypedDict, Unpack

from codered import __version__
from codered.model.errors import Refused
from codered.model.firewall import FIREWALL_TABLE, ContainKind, FirewallOrder, FirewallState
from codered.model.paths import FilePath, path_from_bytes
from codered.model.plan import Action, Plan, seal_plan
from codered.model.process import ProcessId
from codered.model.target import TargetInfo
from codered.remediate.firewall.orders import find_order_problem
from codered.remediate.processes import PROC, explain_protected, read_facts, read_process

FIREWALL = FilePath("/proc/net")
"""An action needs a path; rules in the kernel have none."""

SHOWN = "the firewall of this host"


class Origin(TypedDict, total=False):
    """Where a containment comes from: the version of the tool, the report that speaks for it, and the processes that
    are frozen besides.
    """

    tool: str
    report_id: str
    processes: Iterable[int | ProcessId]


def make_containment_plan(
    target: TargetInfo,
    kind: ContainKind | Literal["freeze_process"],
    order: FirewallOrder,
    because: str,
    **origin: Unpack[Origin],
) -> Plan:
    """The sealed plan: the firewall as ordered, and these processes frozen ("freeze_process": only they). Raises
    Refused (an order that can't be, a process that must not be touched or is not there).
    """
    now = datetime.now(UTC)
    tag = secrets.token_hex(2)
    actions = [] if kind == "freeze_process" else [_set_firewall(kind, order, because, f"{now:%H%M%S}{tag}")]
    for process in origin.get("processes", ()):
        actions.append(_freeze(process, because, f"a{len(actions) + 1:02}"))
    if not actions:
        raise Refused("there is nothing to contain", where=kind, advice="name a process")
    return seal_plan(
        Plan(
            id=f"contain-{now:%Y%m%d-%H%M%S}-{tag}",
            tool=f"codered {origin.get('tool', __version__)}",
            created=now,
            report_id=origin.get("report_id", ""),
            target=target,
            packs=(),
            actions=tuple(actions),
        )
    )


def _set_firewall(kind: ContainKind, order: FirewallOrder, because: str, tag: str) -> Action:
    state = FirewallState(name=f"{FIREWALL_TABLE}-{tag}")
    if problem := find_order_problem(kind, order, state):
        raise Refused(problem, where=kind, advice="order something else")
    return Action(
        id="a01", kind=kind, path=FIREWALL, expects=state, because=because, shown=SHOWN, firewall=order
    )  # fmt: skip


def _freeze(process: int | ProcessId, because: str, id_: str) -> Action:
    pid, start = (process.pid, process.start) if isinstance(process, ProcessId) else (process, None)
    advice = "look at what runs now, and name another"
    try:
        facts = read_facts(pid)
        if facts is None or start not in (None, facts.start):
            raise Refused("it is gone", where=f"process {pid}", advice=advice)
        if protected := explain_protected(pid):
            raise Refused(f"it is never touched: {protected}", where=f"process {pid}", advice=advice)
        state = read_process(pid, facts.start)
    except OSError as error:
        what = f"it can't be read: {error.strerror}"
        raise Refused(what, where=f"process {pid}", advice="run this as root") from None
    return Action(id=id_, kind="freeze_process", path=_find_program(pid), expects=state, because=because)


def _find_program(pid: int) -> FilePath:
    link = os.fsencode(PROC / str(pid) / "exe")
    try:
        return path_from_bytes(os.readlink(link))
    except OSError:
        return path_from_bytes(link)
