"""What a plan would change, action by action, as lines that go and lines that come."""

import os
from collections.abc import Iterator
from typing import NamedTuple

from codered.export.plan_actions import name_action, name_sections, write_action
from codered.export.writing.paint import Paint
from codered.model.plan import Action, LinksState, PackageState, Plan, ValueState

MOST_ACTIONS = 200
MOST_LINES = 50
MOST_SIGNS = 600
_ACCOUNTS = ("passwd", "shadow", "group", "gshadow")


class Line(NamedTuple):
    """A line of a difference: `gone` goes, `come` comes; "" = nothing."""

    where: str
    gone: str
    come: str


class Change(NamedTuple):
    """One action: the section it stands in ("" = as before), what is done to what, its facts as text, what differs."""

    number: int
    section: str
    name: str
    kind: str
    because: str
    undoable: bool
    facts: str
    lines: tuple[Line, ...]


def list_changes(plan: Plan) -> list[Change]:
    """The first actions of a plan; the digest covers the rest."""
    actions = plan.actions[:MOST_ACTIONS]
    before, found = "", []
    for number, (action, section) in enumerate(zip(actions, name_sections(actions), strict=True), 1):
        found.append(
            Change(
                number, section if section != before else "", name_action(action), action.kind, action.because,
                action.undoable, "\n".join(write_action(number, action, Paint(False))), tuple(_compare(action)),
            )
        )  # fmt: skip
        before = section
    return found


def _compare(action: Action) -> Iterator[Line]:
    """Passwords' hashes are no one's to read: lines of account files stand in the facts alone, cut."""
    private = os.path.basename(action.path.text) in _ACCOUNTS
    if action.edit and not private:
        for change in action.edit.lines[:MOST_LINES]:
            come = (change.becomes or b"")[:MOST_SIGNS].decode(errors="backslashreplace")
            yield Line(f"line {change.line}", change.shown[:MOST_SIGNS], come)
    if action.edit and action.edit.mode is not None:
        yield Line("mode", f"{action.file_state().mode & 0o7777:04o}", f"{action.edit.mode & 0o7777:04o}")
    if isinstance(action.expects, LinksState):
        wanted = {link.path: link.target for link in action.becomes.links} if action.becomes else {}
        for link in action.expects.links[:MOST_LINES]:
            after = wanted.get(link.path)
            yield Line(link.path.text, link.target.text if link.target else "", after.text if after else "")
    if isinstance(action.expects, PackageState) and action.upgrade:
        yield Line(action.expects.name, action.expects.version, action.upgrade.version)
    if isinstance(action.expects, ValueState):
        yield Line(action.kind.replace("_", " "), _show(action.expects), _show(action.sets) if action.sets else "")


def _show(state: ValueState) -> str:
    return f"type {state.type}: {state.data[:MOST_SIGNS].hex(' ')}" if state.exists else ""
