"""Changing a value or key in a hive of an offline volume: in place, by pages that the vault knows before the first of
them is written. Undone byte for byte; by name, if that Windows has written in the hive since.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from codered.model.paths import FilePath
from codered.model.plan import Action, KeyState, RegistryPlace, ValueState
from codered.model.target import Target
from codered.remediate.file_state import ChangeFailed, Spot, open_regular, open_spot
from codered.remediate.ntfs_attributes import read_ntfs
from codered.remediate.pages import PAGE
from codered.remediate.registry.contents import keep_bytes, read_bytes
from codered.remediate.registry.hive_edits import check_clean, edit_value, put_key, remove_key
from codered.remediate.registry.hive_file import HiveFile, read_from
from codered.remediate.registry.hive_logs import OTHER_LOGS, Replayed, is_dirty, look_at_logs, replay_hive
from codered.remediate.registry.hive_writing import (
    HivePages,
    find_mark,
    look_at_hive,
    plan_hive,
    read_hive,
    write_hive,
)
from codered.remediate.registry.trees import list_tree, name_path, read_state
from codered.remediate.vault import Vault
from codered.remediate.vault_records import HiveRecord
from codered.system.descriptors import NEVER_BLOCKS, NO_FOLLOW, NOT_INHERITED, RAW, read_at
from codered.system.folders import open_in

HALF_WRITTEN = "an apply or rollback was cut off while it wrote this hive: finish that one first"
PUT_BACK = "the hive was written since, so it was put back by its name, with the owner and rights of the key above it"
LOGS_STAY = (
    "the hive's transaction logs changed since they were applied: they stay applied, and what was changed here was put "
    "back by its name"
)
_WRITE = os.O_RDWR | NO_FOLLOW | NEVER_BLOCKS | NOT_INHERITED | RAW


class OpenHive(NamedTuple):
    """A hive for reading, as it counts, and the SHA-256 over the transaction logs that are in that ("" = none)."""

    file: HiveFile
    logs: str


class _Hive(NamedTuple):
    spot: Spot
    fd: int


class _Made(NamedTuple):
    """A hive's bytes on the disk, with its logs, and with the edit."""

    raw: bytes
    whole: Replayed
    edited: bytes


def state(action: Action, target: Target) -> ValueState | KeyState:
    """What is there now. Raises OSError, ChangeFailed if the hive can't be believed."""
    with opened_hive(action.path, target) as hive:
        _check_logs(action, hive.logs)
        return read_state(hive.file, place_of(action))


@contextmanager
def opened_hive(path: FilePath, target: Target) -> Iterator[OpenHive]:
    """A hive for reading: one that is whole, or that its logs make whole. Raises OSError, ChangeFailed."""
    with open_spot(path, target) as spot:
        fd = open_regular(spot)
        try:
            _check_no_mark(fd)
            hive, logs = HiveFile(lambda size, at: read_at(fd, size, at), os.fstat(fd).st_size), ""
            if is_dirty(read_at(fd, PAGE, 0)):
                whole = replay_hive(read_hive(fd), spot)
                hive, logs = read_from(whole.data), whole.logs
            check_clean(hive)
            yield OpenHive(hive, logs)
        finally:
            os.close(fd)


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """Make the edit in memory, check it, and keep its pages; the backup's name. Raises OSError, ChangeFailed."""
    with _opened(action, target) as hive:
        _check_no_mark(hive.fd)
        raw = read_hive(hive.fd)
        whole = replay_hive(raw, hive.spot)
        _check_logs(action, whole.logs)
        if read_state(read_from(whole.data), place_of(action)) != action.expects:
            raise ChangeFailed("it is not as the plan expects")
        return _keep(action, hive, vault, _Made(raw, whole, _edit(action, whole.data)))


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """Write the pages. Raises OSError, ChangeFailed."""
    record = _read_record(action, vault, backup)
    pages = _read_pages(vault, record)
    with _opened(action, target) as hive:
        if look_at_hive(hive.fd, pages, backup) == "other" or not _has_same_logs(hive, record):
            raise ChangeFailed("the hive was written by somebody else meanwhile: is that system running?")
        write_hive(hive.fd, pages, backup, undo=False)


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Write the old pages, or put back what is gone by its name; what could not come back. Raises OSError,
    ChangeFailed.
    """
    record = _read_record(action, vault, backup)
    pages = _read_pages(vault, record)
    with _opened(action, target) as hive:
        standing = look_at_hive(hive.fd, pages, backup)
        keeps_logs = standing == "after" and not _has_same_logs(hive, record)
        if standing != "other" and not keeps_logs:
            write_hive(hive.fd, pages, backup, undo=True)
            return ""
        _check_no_mark(hive.fd)
        raw = read_hive(hive.fd)
        whole = replay_hive(raw, hive.spot)
        if read_state(read_from(whole.data), place_of(action)) == action.expects:
            return ""
        made = _Made(raw, whole, _put_back(action, whole.data, pages))
        name = _keep(action, hive, vault, made, puts_back=True)
        write_hive(hive.fd, _read_pages(vault, vault.read_hive(name)), name, undo=False)
        notes = (PUT_BACK if action.kind == "delete_key" else "", LOGS_STAY if keeps_logs else "")
        return "; ".join(filter(None, notes))


def recover(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """A write of this action that was cut off is taken back; anything else stays. Raises OSError, ChangeFailed."""
    with _opened(action, target) as hive:
        name = find_mark(read_at(hive.fd, PAGE, 0))
        if name.partition("-")[0] != action.id:
            return
        record = _read_record(action, vault, name)
        if name != backup and not record.puts_back:
            return
        pages = _read_pages(vault, record)
        if look_at_hive(hive.fd, pages, name) != "other":
            write_hive(hive.fd, pages, name, undo=True)


def place_of(action: Action) -> RegistryPlace:
    """Where the action changes something. Raises ChangeFailed if the plan does not say."""
    if action.registry is None:
        raise ChangeFailed("the plan does not say which value or key it is")
    return action.registry


def outcome(action: Action) -> ValueState | KeyState:
    """What is there afterwards. Raises ChangeFailed if the plan does not say."""
    if action.kind == "delete_key":
        return KeyState(exists=False)
    if action.kind == "delete_value":
        return ValueState(exists=False)
    if action.sets is None:
        raise ChangeFailed("the plan does not say what is set")
    return action.sets


def _edit(action: Action, data: bytes) -> bytes:
    place, becomes = place_of(action), outcome(action)
    return edit_value(data, place, becomes) if isinstance(becomes, ValueState) else remove_key(data, place)


def _put_back(action: Action, data: bytes, pages: HivePages) -> bytes:
    if isinstance(action.expects, ValueState):
        return edit_value(data, place_of(action), action.expects)
    made = put_key(data, place_of(action), pages.tree)
    if read_state(read_from(made), place_of(action)) != action.expects:
        raise ChangeFailed("the key does not come back as it was: import it by hand from the vault")
    return made


def _keep(action: Action, hive: _Hive, vault: Vault, made: _Made, *, puts_back: bool = False) -> str:
    """The pages between the hive on the disk and the edited one, into the vault; the record's name. Raises OSError,
    ChangeFailed.
    """
    before = read_from(made.whole.data)
    pages = replace(
        plan_hive(hive.fd, made.raw, made.edited),
        windows=read_ntfs(hive.spot.dir_fd, hive.spot.name, hive.fd),
    )
    if action.kind == "delete_key" and not puts_back and (key := before.find(name_path(place_of(action)))):
        pages = replace(pages, tree=tuple(list_tree(before, key)))
    content = keep_bytes(msgspec.msgpack.encode(pages), vault)
    record = HiveRecord(action=action.id, path=action.path, content=content, puts_back=puts_back, logs=made.whole.logs)
    return vault.keep_record(action, msgspec.json.encode(record, order="deterministic"))


def _read_record(action: Action, vault: Vault, backup: str) -> HiveRecord:
    record = vault.read_hive(backup)
    if (record.action, record.path) != (action.id, action.path):
        raise ChangeFailed("the journal names the backup of another action")
    return record


def _read_pages(vault: Vault, record: HiveRecord) -> HivePages:
    try:
        return msgspec.msgpack.decode(read_bytes(record.content, vault), type=HivePages)
    except msgspec.DecodeError as error:
        raise ChangeFailed(f"the pages in the vault are of another version: {error}") from None


def _check_logs(action: Action, logs: str) -> None:
    """A hive that is whole by now is as good as one that its logs make whole. Raises ChangeFailed."""
    if logs and logs != action.replays:
        raise ChangeFailed(OTHER_LOGS)


def _has_same_logs(hive: _Hive, record: HiveRecord) -> bool:
    return not record.logs or look_at_logs(hive.spot) == record.logs


def _check_no_mark(fd: int) -> None:
    if find_mark(read_at(fd, PAGE, 0)):
        raise ChangeFailed(HALF_WRITTEN)


@contextmanager
def _opened(action: Action, target: Target) -> Iterator[_Hive]:
    """The hive's file for writing, no link followed. Raises OSError, ChangeFailed."""
    with open_spot(action.path, target) as spot:
        held = open_regular(spot)
        try:
            fd = open_in(spot.dir_fd, spot.name, _WRITE)
        except BaseException:
            os.close(held)
            raise
        try:
            if not os.path.samestat(os.fstat(fd), os.fstat(held)):
                raise ChangeFailed("the hive was exchanged at the last moment")
            yield _Hive(spot, fd)
        finally:
            os.close(fd)
            os.close(held)
