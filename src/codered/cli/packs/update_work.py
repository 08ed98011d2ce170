"""The work of `codered packs update`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.cli.output import say, show
from codered.cli.packs.judging import judge_set, updates_part
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered.packs.loading import find_shipped_packs
from codered.packs.updating.current import PACKS_FOLDER
from codered.system.state_folder import state_folder


class Asked(NamedTuple):
    """What the user asked `codered packs update` for."""

    name: str
    place: str
    check: bool
    again: bool
    as_json: bool


def updates_home() -> Path:
    """Where installed packs lie."""
    return state_folder() / PACKS_FOLDER


def update(asked: Asked) -> int:
    """Update, or only look: 1 if `check` found something new."""
    with updates_part():
        from codered.packs.updating.updating import Update, UpdateOrder, update_packs
    order = UpdateOrder(
        home=updates_home(),
        shipped=find_shipped_packs(),
        now=datetime.now(UTC),
        name=asked.name,
        place=asked.place,
        again=asked.again,
    )
    done: Update = update_packs(order, None if asked.check else judge_set)
    if os.environ.get("CODERED_PACKS"):
        say("codered: CODERED_PACKS names the packs in use: installed ones are not")
    if asked.as_json:
        show(msgspec.json.format(msgspec.json.encode(done)).decode() + "\n")
    else:
        for change in done.changes:
            source = change.source or "the tool"
            show(printable(f"{change.name}: {change.was or 'new'} -> {change.now or 'gone'} ({source})") + "\n")
    for warning in done.warnings:
        say(printable(f"codered: warning: {warning}"))
    say(f"codered: {_summarise(done.state, done.set, check=asked.check)}")
    return ExitCode.FOUND if asked.check and done.state == "new" else ExitCode.CLEAN


def go_back(*, as_json: bool, alone: bool) -> int:
    """Use the packs before the last update."""
    if not alone:
        raise WrongUse("--back stands alone", advice="codered packs update --back")
    from codered.packs.updating.installing import go_back as switch_back
    from codered.packs.updating.writing import hold_lock

    home = updates_home()
    if not home.is_dir():
        raise WrongUse("no update was ever installed", where=str(home), advice="the shipped packs are in use")
    with hold_lock(home / "lock", "update"):
        found = switch_back(home)
    name = found.name if found else ""
    if as_json:
        show(msgspec.json.format(msgspec.json.encode({"state": "back", "set": name})).decode() + "\n")
    say(f"codered: in use now: {f'the packs of set {name}' if found else 'the packs shipped with the tool'}")
    return ExitCode.CLEAN


def _summarise(state: str, name: str, *, check: bool) -> str:
    if state == "same":
        return f"up to date ({f'set {name}' if name else 'the packs shipped with the tool'})"
    if state == "held":
        return "the same packs that somebody went back from: take them with codered packs update --again"
    return "there are newer packs: codered packs update" if check else f"set {name} was tried and is in use"
