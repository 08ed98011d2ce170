"""Changing a value or key of the running system's registry, and taking that back by its name."""

import msgspec

from codered.model.plan import Action, KeyState, ValueState
from codered.model.target import Target
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.contents import keep_bytes, read_bytes
from codered.remediate.registry.hive_verbs import place_of
from codered.remediate.registry.trees import NO_KEY, KeptKey, look_at_key
from codered.remediate.registry.writer import RegistryWriter, open_writer
from codered.remediate.vault import Vault
from codered.remediate.vault_records import HiveRecord


def state(action: Action, target: Target) -> ValueState | KeyState:
    """What is there now. Raises OSError, ChangeFailed."""
    return _look(action, open_writer(target))


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """Keep the key with all below it, if that is what goes; the backup's name. Raises OSError, ChangeFailed."""
    writer = open_writer(target)
    tree = writer.read_tree(place_of(action)) if action.kind == "delete_key" else ()
    now = look_at_key(tree) if tree else _look(action, writer)
    if now != action.expects:
        raise ChangeFailed("it is not as the plan expects")
    content = keep_bytes(msgspec.msgpack.encode(tree), vault)
    record = HiveRecord(action=action.id, path=action.path, content=content)
    return vault.keep_record(action, msgspec.json.encode(record, order="deterministic"))


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """Make the change. Raises OSError, ChangeFailed."""
    vault.read_hive(backup)
    writer, place = open_writer(target), place_of(action)
    if action.kind == "delete_key":
        writer.delete_key(place)
    elif action.kind == "delete_value":
        writer.delete_value(place)
    elif action.sets is not None:
        writer.set_value(place, action.sets)


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Put back what is gone, or was set. Raises OSError, ChangeFailed."""
    writer, place = open_writer(target), place_of(action)
    if isinstance(action.expects, ValueState):
        if action.expects.exists:
            writer.set_value(place, action.expects)
        elif writer.read_value(place).exists:
            writer.delete_value(place)
        return ""
    writer.put_key(place, _read_tree(vault, backup))
    return "its keys have the owner and rights of the key above"


def recover(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """A key of which some is gone, and nothing new is in it, comes back whole. Raises OSError, ChangeFailed."""
    if action.kind != "delete_key":
        return  # a value is changed in one step
    writer, place = open_writer(target), place_of(action)
    now = writer.read_tree(place)
    tree = _read_tree(vault, backup)
    kept = {(key.depth, key.name, value) for key in tree for value in key.values}
    names = {(key.depth, key.name) for key in tree}
    whole = all((key.depth, key.name) in names for key in now)
    if now and whole and all((key.depth, key.name, value) in kept for key in now for value in key.values):
        writer.put_key(place, tree)


def _read_tree(vault: Vault, backup: str) -> tuple[KeptKey, ...]:
    try:
        return msgspec.msgpack.decode(read_bytes(vault.read_hive(backup).content, vault), type=tuple[KeptKey, ...])
    except msgspec.DecodeError as error:
        raise ChangeFailed(f"the key in the vault is of another version: {error}") from None


def _look(action: Action, writer: RegistryWriter) -> ValueState | KeyState:
    if action.kind != "delete_key":
        return writer.read_value(place_of(action))
    tree = writer.read_tree(place_of(action))
    return look_at_key(tree) if tree else NO_KEY
