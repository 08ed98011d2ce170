"""Tables of ours in the kernel that no containment known here is about, as when the state folder was lost."""

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.model.firewall import FirewallState
from codered.remediate.file_state import ChangeFailed
from codered.remediate.firewall.containment import take_down
from codered.remediate.firewall.names import list_own_tables
from codered.remediate.keeping.records import NAME, ContainmentFolder
from codered.remediate.keeping.starting import KEEPER
from codered.respond.containing import find_firewall_action, list_in_force, read_sound
from codered.respond.containment_plans import read_kept

_MOST_WORDS = 4096


class OtherKeeper(NamedTuple):
    """Who keeps a containment of another state folder."""

    pid: int
    state: str
    name: str


def find_other_keeper(tables: str) -> OtherKeeper | None:
    """Who puts these tables back, as what root runs tells; None if nobody is seen."""
    for entry in os.scandir("/proc"):
        with suppress(OSError, CodeRedError):
            if not entry.name.isdigit() or entry.stat().st_uid != os.geteuid():
                continue
            with open(f"/proc/{entry.name}/cmdline", "rb") as file:
                words = os.fsdecode(file.read(_MOST_WORDS)).split("\0")[:-1]
            if KEEPER not in words[:-2] or not NAME.fullmatch(words[-1]):
                continue
            folder = ContainmentFolder(Path(words[-2]), words[-1])
            record = folder.read()
            if record is not None and record.name == tables and folder.find_keeper() == int(entry.name):
                return OtherKeeper(int(entry.name), words[-2], words[-1])
    return None


def list_unknown() -> tuple[str, ...]:
    """The names of tables of ours in the kernel that no containment known here is about. Raises OSError (no rights)."""
    standing = list_own_tables()
    known = {_name_tables(name) for name in list_in_force()} if standing else set()
    return tuple(name for name in standing if name not in known)


def _name_tables(name: str) -> str:
    record, action = read_sound(name), None
    if record is None:
        with suppress(WrongUse):
            action = find_firewall_action(read_kept(name))
    state = action.expects if action is not None else None
    return record.name if record is not None else state.name if isinstance(state, FirewallState) else ""


def take_unknown_down(name: str) -> None:
    """Take tables of `list_unknown` away. Raises Refused, also where somebody would put them back."""
    if (keeper := find_other_keeper(name)) is not None:
        what = f"belongs to another state folder, and process {keeper.pid} would put it back"
        raise Refused(what, where=name, advice=f"CODERED_STATE={keeper.state!a} codered contain off {keeper.name}")
    try:
        take_down(name)
    except (ChangeFailed, OSError) as error:
        raise Refused(str(error), where=name, advice="mend that, then try again") from None
