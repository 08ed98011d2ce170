"""One action of a plan as text for its reviewer: what is touched and how it is now, what becomes of it, and why."""

import os
import re
from collections.abc import Iterable

from codered.export.plan_registry import describe_registry
from codered.export.writing.escaping import legible
from codered.export.writing.layout import wrap
from codered.export.writing.paint import Paint
from codered.export.writing.words import count_of, format_count, join_words
from codered.model.firewall import FirewallOrder, FirewallState, PortRange
from codered.model.plan import (
    Action,
    ActionKind,
    Edit,
    FileState,
    KeyState,
    LinksState,
    PackageState,
    ProcessState,
    ValueState,
)

VERBS: dict[ActionKind, str] = {
    "stop_process": "stop",
    "kill_process": "kill",
    "quarantine_file": "quarantine",
    "delete_file": "delete",
    "restore_file": "restore",
    "remove_line": "edit",
    "remove_key": "remove a key from",
    "reset_setting": "reset",
    "disable_service": "disable",
    "lock_account": "lock in",
    "disable_module": "switch off",
    "upgrade_package": "upgrade",
    "isolate_host": "isolate this host by",
    "block_outbound": "close ports outwards in",
    "throttle_outbound": "throttle new connections in",
    "freeze_process": "freeze",
    "set_value": "set value",
    "delete_value": "delete value",
    "delete_key": "delete key",
}
MOST_LINES = 50
"""Changed lines and links shown of one action."""

# The hash in a line of passwd or shadow, behind the marks that lock it.
_HASH = re.compile(r"^([^:]*:[!*]*)(?!x:)[^:!*]+(?=:)")
_PLACE = 4200  # characters of a path
_LINE = 600
_ENDED: tuple[ActionKind, ...] = ("stop_process", "kill_process")
_FILES: tuple[ActionKind, ...] = ("quarantine_file", "delete_file", "restore_file")
_CONTAIN: tuple[ActionKind, ...] = ("isolate_host", "block_outbound", "throttle_outbound", "freeze_process")
_HEADINGS = ("Contain", "Stop what runs", "Clean files", "Persistence", "Accounts", "Patches")
_PATCHES: tuple[ActionKind, ...] = ("disable_module", "upgrade_package")
_ACCOUNT_FILES = ("passwd", "shadow", "group", "gshadow")


def name_sections(actions: Iterable[Action]) -> list[str]:
    """For each action the heading it stands under. Headings never go back: a service's own file stays with it."""
    reached, found = 0, []
    for action in actions:
        reached = max(reached, _find_section(action))
        found.append(_HEADINGS[reached])
    return found


def name_action(action: Action) -> str:
    """The action in a line, unescaped: what is done to what."""
    return f"{VERBS[action.kind]} {action.shown or action.path.text}"


def write_action(number: int, action: Action, paint: Paint) -> list[str]:
    """The action's lines."""
    lines = wrap(legible(name_action(action), _PLACE), first=f"{number:>4}  ", rest=" " * 8)
    for name, fact in _list_facts(action):
        lines += wrap(legible(fact, _PLACE), first=f"      {name}: ", rest=" " * 8)
    undo = "yes" if action.undoable else paint.shade("NO", "red")
    return [*lines, f"      can be undone: {undo}"]


def _find_section(action: Action) -> int:
    if action.kind in _CONTAIN:
        return 0
    if action.kind in _ENDED:
        return 1
    if action.kind in _FILES:
        return 2
    if action.kind in _PATCHES:
        return 5
    return 4 if os.path.basename(action.path.text) in _ACCOUNT_FILES else 3


def _list_facts(action: Action) -> list[tuple[str, str]]:
    facts = []
    if isinstance(action.expects, ProcessState):
        facts += _describe_process(action, action.expects)
    elif action.shown and action.shown != action.path.text and action.firewall is None:
        facts.append(("here", action.path.text))
    facts.append(("why", action.because + (f" ({action.pack})" if action.pack else "")))
    if isinstance(action.expects, FileState):
        facts.append(("expects", _describe_file(action.expects)))
        private = os.path.basename(action.path.text) in _ACCOUNT_FILES
        facts += _describe_edit(action.edit, action.expects, private=private) if action.edit else []
    elif isinstance(action.expects, PackageState):
        facts += _describe_package(action, action.expects)
    elif isinstance(action.expects, FirewallState):
        facts += _describe_firewall(action.expects, action.firewall)
    elif isinstance(action.expects, LinksState):
        facts += _describe_links(action.expects, action.becomes)
    elif isinstance(action.expects, ValueState | KeyState):
        facts += describe_registry(action)
    if action.source:
        facts.append(("from", f"{action.source.path.text}, sha256 {action.source.sha256[:16]}…"))
    return facts


def _describe_process(action: Action, process: ProcessState) -> list[tuple[str, str]]:
    digest = f", sha256 {process.sha256[:16]}…" if process.sha256 else ""
    return [
        ("runs", f"{action.path.text}{digest}"),
        ("command", process.command or "not readable"),
        ("expects", f"pid {process.pid}, started at tick {format_count(process.start)} of boot {process.boot[:8]}"),
    ]


def _describe_package(action: Action, before: PackageState) -> list[tuple[str, str]]:
    becomes = action.upgrade.version if action.upgrade else "nothing that the plan says"
    return [("expects", f"{before.manager} package {before.name} {before.version}"), ("becomes", becomes)]


def _describe_file(state: FileState) -> str:
    if not state.exists:
        return "no file there"
    rights = f", capabilities {state.capabilities}" if state.capabilities else ""
    return (
        f"{count_of(state.size, 'byte')}, sha256 {state.sha256[:16]}…, "
        f"mode {state.mode & 0o7777:04o}, owner {state.uid}:{state.gid}{rights}"
    )


def _describe_edit(edit: Edit, before: FileState, *, private: bool) -> list[tuple[str, str]]:
    facts = []
    for change in edit.lines[:MOST_LINES]:
        facts.append((f"line {format_count(change.line)} now", legible(change.shown, _LINE)))
        if change.becomes is None:
            facts.append(("becomes", "nothing: the line goes"))
        else:
            becomes = change.becomes[:_LINE].decode(errors="backslashreplace")
            facts.append(("becomes", legible(_HASH.sub(r"\1…", becomes) if private else becomes, _LINE)))
    if len(edit.lines) > MOST_LINES:
        facts.append(("and", f"{format_count(len(edit.lines) - MOST_LINES)} more lines, in the plan's file"))
    if edit.mode is not None:
        facts.append(("mode", f"{before.mode & 0o7777:04o} becomes {edit.mode & 0o7777:04o}"))
    if edit.drop_capabilities:
        facts.append(("capabilities", "go"))
    return facts


def _describe_links(before: LinksState, after: LinksState | None) -> list[tuple[str, str]]:
    wanted = {link.path: link.target for link in after.links} if after else {}
    facts = []
    for link in before.links[:MOST_LINES]:
        becomes = wanted.get(link.path)
        story = f"-> {link.target.text} goes" if link.target else "is not there"
        facts.append(("link", f"{link.path.text} {story}" + (f"; -> {becomes.text} comes" if becomes else "")))
    if len(before.links) > MOST_LINES:
        facts.append(("and", f"{format_count(len(before.links) - MOST_LINES)} more links, in the plan's file"))
    return facts


def _describe_firewall(state: FirewallState, order: FirewallOrder | None) -> list[tuple[str, str]]:
    """What goes on, what is stopped, and until when."""
    facts = [("expects", f"no table {state.name} there; every other table stays as it is")]
    if order is None:
        return facts
    allowed = [f"{one.remote} port {one.remote_port} to {one.local} port {one.local_port}" for one in order.sessions]
    facts.append(("lives on", join_words([*allowed, *order.management], most=MOST_LINES) or "nobody's connection"))
    if order.ports:
        facts.append(("ports", join_words([_name_ports(one) for one in order.ports], most=MOST_LINES)))
    if order.per_second:
        facts.append(
            ("rate", f"{order.per_second:g} new connections a second after the first {format_count(order.burst)}")
        )
    until = f"opens by itself after {order.confirm_within:g} s unless it is confirmed"
    return [*facts, ("until", until if order.confirm_within else "it is taken back")]


def _name_ports(one: PortRange) -> str:
    return f"{one.protocol} {one.first}" + (f" to {one.last}" if one.last != one.first else "")
