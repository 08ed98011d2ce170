"""Showing what `codered self-check` found."""

from pathlib import Path

import msgspec

from codered.cli.output import show
from codered.export.writing.escaping import printable
from codered.export.writing.words import count_of
from codered.model.errors import ExitCode
from codered.model.self_check import Check, CheckState, SelfCheck
from codered.self_check.checking import AgainstRelease, check_self

_MARKS: dict[CheckState, str] = {"good": "ok", "wrong": "WRONG", "unchecked": "not checked", "absent": "not here"}


def check(release: str | None, key: str | None, as_json: bool) -> int:
    """Check, show it, and the exit code. Raises WrongUse."""
    found = check_self(AgainstRelease(Path(release), Path(key)) if release and key else None)
    show(render_json(found) if as_json else render_text(found))
    if found.count("wrong"):
        return ExitCode.FOUND
    return ExitCode.INCOMPLETE if found.count("unchecked") else ExitCode.CLEAN


def render_json(found: SelfCheck) -> str:
    """One document (docs/schemas/self-check.schema.json)."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def render_text(found: SelfCheck) -> str:
    """A line a check, and the sum."""
    lines = [f"{found.tool} ({found.installation}) in {found.folder}"]
    lines += [f"  {_MARKS[one.state]:<12} {_tell(one)}" for one in found.checks]
    told = [f"{found.count(state)} {mark}" for state, mark in _MARKS.items() if found.count(state)]
    lines.append(f"{count_of(len(found.checks), 'check')}: {', '.join(told)}")
    return "".join(f"{printable(line)}\n" for line in lines)


def _tell(one: Check) -> str:
    """What to do is only told where something is to be done."""
    advice = f" — {one.advice}" if one.advice and one.state != "good" else ""
    return f"{one.subject}: {one.told}{advice}"
