"""Removal steps: that each can be done to what its indicators find, and that they stand in an order that can win."""

from collections.abc import Iterator
from typing import Literal

from codered.model.countermeasures import RemovalKind
from codered.model.indicators import AutostartIndicator, ContentIndicator, Indicator
from codered.packs.checks.autostart import LINUX_KINDS
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import shorten

Removed = Literal["a process", "a file", "a setting", "an autostart entry", "a Windows autostart entry", "a request"]

_PROCESS: frozenset[RemovalKind] = frozenset(("stop_process", "kill_process"))
_FILE: frozenset[RemovalKind] = frozenset(("quarantine_file", "delete_file", "restore_file", "clean_file"))
_SERVICE: frozenset[RemovalKind] = frozenset(("disable_service", "remove_service"))
_VALUE: frozenset[RemovalKind] = frozenset(("set_value", "delete_value", "delete_key"))
_EDIT: frozenset[RemovalKind] = frozenset(("remove_line", "reset_setting"))
_FITS: dict[Removed, frozenset[RemovalKind]] = {
    "a process": _PROCESS,
    "a file": _FILE | {"remove_line"},
    "a setting": _VALUE | _EDIT | {"remove_virtual_directory"},
    "an autostart entry": _FILE | _SERVICE | _EDIT,
    "a Windows autostart entry": _FILE | _SERVICE | _VALUE,
    "a request": frozenset(),
}


def check_removal_steps(checked: CheckedPack) -> Iterator[Problem]:
    """That a step fits what its indicators find; that processes end before anything they could write again goes."""
    signs = {sign.id: (layer, sign) for layer, _, sign in checked.signs()}
    files_gone = False
    for number, step in enumerate(checked.pack.removal.steps if checked.pack.removal else ()):
        for index, named in enumerate(step.indicators):
            if named not in signs:
                continue  # check_removal says so
            found = tell_removed(*signs[named])
            if not any(step.action in _FITS[what] for what in found):
                at = checked.at("removal", "steps", number, "indicators", index)
                what = f"{step.action} can't be done to what `{shorten(named)}` finds, {' or '.join(found)}"
                yield Problem(at, what, _advise(found))
        if step.action in _PROCESS and files_gone:
            what = f"{step.action} after a step for files or settings"
            advice = "processes end first: what still runs writes the rest again"
            yield Problem(checked.at("removal", "steps", number, "action"), what, advice, "warning")
        files_gone = files_gone or step.action not in _PROCESS


def tell_removed(layer: str, sign: Indicator) -> tuple[Removed, ...]:
    """What a finding by this sign is about, as far as its removal is concerned."""
    if isinstance(sign, AutostartIndicator):
        return ("an autostart entry",) if sign.kind in LINUX_KINDS else ("a Windows autostart entry",)
    if isinstance(sign, ContentIndicator):
        kinds: tuple[tuple[str, Removed], ...] = (
            ("files", "a file"),
            ("memory", "a process"),
            ("traffic", "a request"),
        )
        return tuple(kind for where, kind in kinds if where in sign.where)
    by_layer: dict[str, Removed] = {
        "files": "a file",
        "processes": "a process",
        "settings": "a setting",
        "scripts": "a file",
    }
    return (by_layer.get(layer, "a request"),)


def _advise(found: tuple[Removed, ...]) -> str:
    fitting = sorted({action for what in found for action in _FITS[what]})
    return f"use {', '.join(fitting)}" if fitting else "nothing is removed for it: take it out"
