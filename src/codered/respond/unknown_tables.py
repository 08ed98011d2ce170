"""Tables of ours in the kernel that no containment known here is about, as when the state folder was lost."""

from contextlib import suppress

from codered.model.errors import Refused, WrongUse
from codered.model.firewall import FirewallState
from codered.remediate.file_state import ChangeFailed
from codered.remediate.firewall.containment import take_down
from codered.remediate.firewall.names import list_own_tables
from codered.respond.containing import find_firewall_action, list_in_force, read_sound
from codered.respond.containment_plans import read_kept


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
    """Take tables of `list_unknown` away. Raises Refused."""
    try:
        take_down(name)
    except (ChangeFailed, OSError) as error:
        raise Refused(str(error), where=name, advice="mend that, then try again") from None
