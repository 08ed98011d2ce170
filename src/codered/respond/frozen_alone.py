"""Processes that were frozen by a containment that sets no firewall: a plan without a record, which nobody keeps."""

import os
from contextlib import suppress

from codered.model.errors import CodeRedError
from codered.remediate.keeping.records import NAME, list_containments
from codered.respond.changing import list_frozen
from codered.respond.containing import read_record
from codered.respond.containment_plans import read_kept
from codered.system.state_folder import state_folder

_PREFIX = "contain-"


def list_frozen_alone() -> dict[str, tuple[int, ...]]:
    """The processes that stand still, by the plan whose rollback lets them go; those of a containment are its own."""
    kept = set(list_containments(state_folder()))
    for name in tuple(kept):
        with suppress(CodeRedError):
            kept.update(read_record(name).besides)
    try:
        names = sorted(os.listdir(state_folder() / "cases"))
    except OSError:
        return {}
    found = {}
    for name in names:
        if name.startswith(_PREFIX) and NAME.fullmatch(name) and name not in kept:
            with suppress(CodeRedError):
                if frozen := list_frozen(read_kept(name)):
                    found[name] = tuple(process.pid for process in frozen)
    return found
