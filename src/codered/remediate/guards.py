"""What must hold before anything is touched. Each guard refuses the whole plan."""

import re
from collections import Counter

from codered.model.errors import Refused
from codered.model.firewall import FirewallState
from codered.model.plan import (
    Action,
    ActionKind,
    FileState,
    KeyState,
    LinksState,
    PackageState,
    Plan,
    ProcessState,
    State,
    ValueState,
    digest_plan,
)
from codered.model.registry import fold_name
from codered.model.target import ChangeableTarget
from codered.remediate.actions import ACTIONS
from codered.remediate.actions.restore_file import copy_source
from codered.remediate.comparing import UNREADABLE, agree, tell_difference
from codered.remediate.file_state import ChangeFailed, escape_text, find_below
from codered.remediate.firewall.orders import find_order_problem
from codered.remediate.package_programs import is_plain
from codered.remediate.processes import explain_protected
from codered.remediate.registry.trees import name_path, name_value
from codered.remediate.volume_guards import check_volumes

_PLAN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ACTION_ID = re.compile(r"[a-z0-9]{1,16}")
_NEW_PLAN = "make a new plan"
# Every other kind is about a file.
_STATES: dict[ActionKind, type[State]] = {
    "stop_process": ProcessState,
    "kill_process": ProcessState,
    "disable_service": LinksState,
    "disable_module": LinksState,
    "upgrade_package": PackageState,
    "isolate_host": FirewallState,
    "block_outbound": FirewallState,
    "throttle_outbound": FirewallState,
    "freeze_process": ProcessState,
    "set_value": ValueState,
    "delete_value": ValueState,
    "delete_key": KeyState,
}
_EDITS: tuple[ActionKind, ...] = ("remove_line", "remove_key", "reset_setting", "lock_account")


def check_plan(plan: Plan, target: ChangeableTarget) -> None:
    """The plan is whole, in order, and for this target. Raises Refused."""
    if plan.digest != digest_plan(plan):
        raise Refused("the plan was changed after it was made", where=escape_text(plan.id), advice=_NEW_PLAN)
    if not _PLAN_ID.fullmatch(plan.id):
        raise Refused("is no plan id", where=escape_text(plan.id[:80]), advice=_NEW_PLAN)
    if (plan.target.kind, plan.target.root) != (target.info.kind, target.info.root):
        raise Refused(
            f"the plan is for {plan.target.kind} {escape_text(plan.target.root)}, "
            f"this is {target.info.kind} {escape_text(target.info.root)}",
            where=plan.id,
            advice="name the target that was scanned",
        )
    if getattr(target, "changeable", False) is not True:
        raise Refused(
            "this target can't be changed", where=escape_text(target.info.root), advice="work on a copy of it"
        )
    _check_actions(plan)
    check_volumes(plan, target)


def _check_actions(plan: Plan) -> None:
    things = Counter(_name_thing(action, plan) for action in plan.actions)
    ids = Counter(action.id for action in plan.actions)
    for action in plan.actions:
        problem = _find_problem(action, plan)
        thing = _name_thing(action, plan)
        if things[thing] > 1:
            problem = f"two actions are for the same {thing[0]}"
        if ids[action.id] > 1 or not _ACTION_ID.fullmatch(action.id):
            problem = "the action's id is not one, or not its own"
        if problem:
            raise Refused(problem, where=f"{plan.id}: {name_place(action)}", advice=_NEW_PLAN)


def _name_thing(action: Action, plan: Plan) -> tuple[str, object]:
    """What one action only may be about. A service's links and its file are two things. Raises Refused."""
    if isinstance(action.expects, ProcessState):
        return "process", (action.expects.pid, action.expects.start)
    if isinstance(action.expects, PackageState):
        return "package", (action.expects.manager, action.expects.name, action.expects.architecture)
    if isinstance(action.expects, FirewallState):
        return "firewall", action.expects.name
    if action.registry is not None:
        place = action.registry
        key = tuple(fold_name(name) for name in name_path(place))
        if place.value is None and place.value_raw is None:
            return "registry key", (fold_name(place.hive), key)
        return "registry value", (fold_name(place.hive), key, fold_name(name_value(place)))
    kind = "service" if isinstance(action.expects, LinksState) else "file"
    return kind, find_below(action.path, plan.target.root)


def _find_problem(action: Action, plan: Plan) -> str:
    if action.kind not in ACTIONS:
        return f"this version can't do {action.kind}"
    if not isinstance(action.expects, _STATES.get(action.kind, FileState)):
        return f"what the plan expects there is not what {action.kind} is about"
    if isinstance(action.expects, ProcessState):
        if plan.target.kind not in ("live_linux", "live_windows"):
            return "only on the running host itself can a process be ended or frozen"
        return "" if action.expects.state != "gone" else "the plan expects no process there"
    if isinstance(action.expects, LinksState):
        return "" if action.becomes else "the plan does not say what the links become"
    if isinstance(action.expects, PackageState):
        return _find_package_problem(action, action.expects, plan)
    if isinstance(action.expects, ValueState | KeyState):
        return _find_registry_problem(action, action.expects)
    if isinstance(action.expects, FirewallState):
        if plan.target.kind != "live_linux":
            return "only on the running host itself can its firewall be changed"
        return find_order_problem(action.kind, action.firewall, action.expects)
    if action.kind == "restore_file":
        return "" if action.source else "there is no known-good copy to restore from"
    if action.kind in _EDITS and action.edit is None:
        return "the plan does not say what the edit is"
    return "" if action.expects.exists and action.expects.sha256 else "the plan expects no file there"


def _find_registry_problem(action: Action, before: ValueState | KeyState) -> str:
    place = action.registry
    if place is None or (place.value is None) != isinstance(before, KeyState):
        return "the plan does not say which value or key it is"
    if action.kind == "set_value":
        return "" if action.sets is not None and action.sets.exists else "the plan does not say what is set"
    return "" if before.exists else "the plan expects nothing there"


def _find_package_problem(action: Action, before: PackageState, plan: Plan) -> str:
    after = action.upgrade
    if plan.target.kind != "live_linux" or plan.target.root != "/":
        return "only on the running host itself can a package be upgraded"
    if after is None or not after.version or not before.version:
        return "the plan does not say what the package becomes"
    same = (before.manager, before.name, before.architecture) == (after.manager, after.name, after.architecture)
    return "" if same and is_plain(before) and is_plain(after) else "what the plan says of the package can't be"


def look_at(action: Action, target: ChangeableTarget) -> tuple[State | None, str]:
    """The action's state now, or None and why it can't be told."""
    try:
        return ACTIONS[action.kind].state(action, target), ""
    except ChangeFailed as error:
        return None, str(error)
    except OSError as error:
        return None, f"it can't be read: {error.strerror}"


def check_states(plan: Plan, target: ChangeableTarget, begun: frozenset[str]) -> None:
    """Everything is as the plan expects; what was `begun` may also be done, or beyond us. Raises Refused, naming
    all that differ.
    """
    differing = []
    only_unreadable = True
    for action in plan.actions:
        if action.id in begun:
            continue
        now, why = look_at(action, target)
        if because := _explain_untouchable(now):
            differing.append(f"{name_place(action)}: it is never touched: {because}")
            only_unreadable = False
        elif not agree(action.expects, now):
            said = why if now is None else tell_difference(action.expects, now)
            differing.append(f"{name_place(action)}: {said}")
            only_unreadable = only_unreadable and said == UNREADABLE
    if differing:
        noun = "files" if all(isinstance(action.expects, FileState) for action in plan.actions) else "things"
        advice = "run this as root" if only_unreadable else "scan again and make a new plan"
        story = f"{len(differing)} of {len(plan.actions)} {noun} are not as the plan expects; nothing was touched"
        raise Refused(f"{story}: {'; '.join(differing)}", where=plan.id, advice=advice)


def _explain_untouchable(now: State | None) -> str:
    return explain_protected(now.pid) if isinstance(now, ProcessState) and now.state != "gone" else ""


def check_sources(actions: tuple[Action, ...]) -> None:
    """Every known-good copy is there and is the right one. Raises Refused."""
    for action in actions:
        if action.source is None:
            continue
        try:
            copy_source(action.source, lambda _: None)
        except (OSError, ChangeFailed) as error:
            why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            where = escape_text(action.source.path.text)
            raise Refused(f"{why}; nothing was touched", where=where, advice="give the right copy") from None


def name_place(action: Action) -> str:
    """The action's file in words for one line."""
    return escape_text(action.shown or action.path.text)
