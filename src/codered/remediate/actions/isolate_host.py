"""isolate_host: nothing in or out but the responder's own sessions. Tables of our own go into the firewall in one
transaction; then connections that are not allowed are ended. Undoing takes these tables away and touches no other.
"""

import msgspec

from codered.model.firewall import ContainKind, FirewallState
from codered.model.plan import Action
from codered.model.target import Target
from codered.remediate.file_state import ChangeFailed
from codered.remediate.firewall.containment import OPENED, look_at_holding, put_up, read_state, take_down
from codered.remediate.firewall.nft import open_nft
from codered.remediate.firewall.orders import KINDS, digest_order, name_of, order_of
from codered.remediate.firewall.sockets import destroy_connections
from codered.remediate.vault import Vault

says = "own tables in the firewall; every other table stays as it is; undoing takes them away"


def state(action: Action, target: Target) -> FirewallState:  # noqa: ARG001 - one shape for all actions
    """Our tables as they are now. Raises ChangeFailed."""
    return read_state(kind_of(action), name_of(action), order_of(action))


def outcome(action: Action) -> FirewallState:
    """What must be there afterwards: the tables as ordered."""
    name = name_of(action)
    return FirewallState(name=name, rules=digest_order(kind_of(action), name, order_of(action)))


def back_up(action: Action, target: Target, vault: Vault) -> str:  # noqa: ARG001 - one shape for all actions
    """Undoing needs nothing but the name of the tables, which is new. Raises OSError, ChangeFailed."""
    record = {"action": action.id, "name": name_of(action), "kind": action.kind}
    return vault.keep_record(action, msgspec.json.encode(record, order="deterministic"))


def change(action: Action, target: Target, vault: Vault, backup: str) -> str:  # noqa: ARG001 - one shape for all
    """Put the tables up, unless they hold already; then end connections; what can't be. Raises ChangeFailed."""
    kind, name, order = kind_of(action), name_of(action), order_of(action)
    said = ""
    try:
        now = look_at_holding(kind, name, order)
        if not now.whole or now.arming == "opened":
            with open_nft() as nft:
                said = put_up(nft, kind, name, order)
    except OSError as error:
        raise ChangeFailed(f"the network devices can't be listed: {error.strerror}") from None
    return "; ".join(filter(None, (said, end_connections(action))))


def end_connections(action: Action) -> str:
    """End what the order does not allow; what could not be done, in words. The rules stop its packets anyway."""
    try:
        return destroy_connections(kind_of(action), order_of(action)).why_not
    except OSError as error:
        return f"connections that exist already stay, the kernel does not list them: {error.strerror}"


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:  # noqa: ARG001 - one shape for all
    """Take the tables away; how they were found, if not as they were left. Raises OSError, ChangeFailed."""
    name = name_of(action)
    now = look_at_holding(kind_of(action), name, order_of(action))
    take_down(name)
    if not now.there:
        return "its tables were gone already"
    if now.arming == "opened":
        return OPENED
    return "" if now.whole else "somebody had changed our tables; they are gone with what was put there"


def kind_of(action: Action) -> ContainKind:
    """The kind, as the firewall's own. Raises TypeError."""
    for kind in KINDS:
        if kind == action.kind:
            return kind
    raise TypeError(f"{action.kind} is not about the firewall")
