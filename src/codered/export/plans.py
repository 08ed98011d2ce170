"""Plans as text for the person who must approve. 100 columns, like a report."""

from collections.abc import Sequence

from codered.export.plan_actions import name_sections, write_action
from codered.export.writing.escaping import legible
from codered.export.writing.layout import WIDTH, clip, wrap
from codered.export.writing.paint import Paint
from codered.export.writing.words import count_of, format_count, format_time, join_words
from codered.model.plan import Action, ActionKind, Plan

MOST_ACTIONS = 1000
"""Actions told of a plan. One that a person cannot read cannot be approved by reading; the digest covers the rest."""

_COUNTED: dict[ActionKind, str] = {
    "stop_process": "stop",
    "kill_process": "kill",
    "quarantine_file": "quarantine",
    "delete_file": "delete",
    "restore_file": "restore",
    "remove_line": "edit",
    "remove_key": "rid of keys",
    "reset_setting": "reset",
    "disable_service": "disable",
    "lock_account": "lock",
    "disable_module": "switch off",
    "upgrade_package": "upgrade",
    "isolate_host": "isolate the host",
    "block_outbound": "close ports",
    "throttle_outbound": "throttle",
    "freeze_process": "freeze",
    "set_value": "set",
    "delete_value": "delete values",
    "delete_key": "delete keys",
}


def render_plan(plan: Plan, colour: bool = False) -> str:
    """The plan as text: every action with what, where, why, what it expects and whether it can be undone; what is left
    alone and why; advice; the digest to approve; how to go on.
    """
    paint = Paint(colour)
    lines = _write_opening(plan)
    if plan.actions:
        lines += paint.head("Actions, in this order")
    lines += _write_actions(plan.actions[:MOST_ACTIONS], paint)
    if len(plan.actions) > MOST_ACTIONS:
        lines.append(f"  … and {format_count(len(plan.actions) - MOST_ACTIONS)} more, in the plan's file")
    if plan.left_alone:
        lines += paint.head("Left alone")
    for left in plan.left_alone[:MOST_ACTIONS]:
        lines += wrap(legible(left.what, 4200), first="  ", rest="    ")
        lines += wrap(legible(left.because), first="      why: ", rest="        ")
    if plan.advice:
        lines += paint.head("Advice")
    for advice in plan.advice:
        lines += wrap(legible(advice), first="  - ", rest="    ")
    return "\n".join([*lines, *_write_ending(plan, paint), ""])


def _write_opening(plan: Plan) -> list[str]:
    kinds = [
        f"{format_count(number)} to {_COUNTED[kind]}"
        for kind in _COUNTED
        if (number := sum(action.kind == kind for action in plan.actions))
    ]
    for_good = sum(not action.undoable for action in plan.actions)
    undo = "all can be undone" if not for_good else f"{format_count(for_good)} can NOT be undone"
    changes = (
        f"{count_of(len(plan.actions), 'change')}: {join_words(kinds, most=len(_COUNTED))}; {undo}"
        if kinds
        else "nothing to change"
    )
    target = plan.target
    facts = [
        ("Plan", f"{plan.id}, made {format_time(plan.created)} UTC with {plan.tool}"),
        ("For", f"{target.kind.replace('_', ' ')}, {f'host {target.host}, ' if target.host else ''}{target.root}"),
        ("From", f"report {plan.report_id}; packs {', '.join(plan.packs) or 'none'}"),
    ]
    blocked = tell_blocked(plan)
    if blocked and not plan.actions:
        changes, blocked = blocked, ""
    lines = wrap(legible(f"PLAN: {changes}. Nothing has been touched yet."))
    lines += wrap(legible(blocked)) if blocked else []
    lines.append("")
    for name, fact in facts:
        lines += wrap(legible(fact, 4200), first=f"{name:<6}", rest=" " * 8)
    return lines


def tell_blocked(plan: Plan) -> str:
    """What is to go and can't, as the volume or a file stands now, with the first reason; "" if nothing."""
    blocked = [left for left in plan.left_alone if left.blocked]
    if not blocked:
        return ""
    more = " (and other reasons: see what is left alone)" if len({left.because for left in blocked}) > 1 else ""
    return f"{count_of(len(blocked), 'finding')} can't be removed: {blocked[0].because}{more}"


def _write_actions(actions: Sequence[Action], paint: Paint) -> list[str]:
    """The actions, under the name of each section where there are several."""
    lines: list[str] = []
    sections = name_sections(actions)
    for number, (action, section) in enumerate(zip(actions, sections, strict=True), 1):
        if len(set(sections)) > 1 and section not in sections[: number - 1]:
            lines += [f"  {paint.shade(section, 'bold')}"]
        lines += write_action(number, action, paint)
    return lines


def _write_ending(plan: Plan, paint: Paint) -> list[str]:
    lines = paint.head("Digest to approve")
    lines.append(f"  {clip(legible(plan.digest), WIDTH - 2) or 'none: this plan is not sealed'}")
    if not plan.actions:
        return lines
    return [
        *lines,
        *paint.head("How to go on"),
        "  codered apply PLAN.json --dry-run   shows what would happen, and changes nothing",
        "  codered apply PLAN.json             does it; refuses, untouched, what has changed since this plan",
        "  codered rollback PLAN.json          puts everything back that can be undone",
    ]
