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

HALF_WRITTEN = "an apply or rollback was cut off while it wrote this hive: finish that one first"
PUT_BACK = "the hive was written since, so it was put back by its name, with the owner and rights of the key above it"
_WRITE = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class _Hive(NamedTuple):
    spot: Spot
    fd: int


def state(action: Action, target: Target) -> ValueState | KeyState:
    """What is there now. Raises OSError, ChangeFailed if the hive can't be believed."""
    return read_place(action.path, place_of(action), target)


def read_place(path: FilePath, place: RegistryPlace, target: Target) -> ValueState | KeyState:
    """What is in a place of a hive now. Raises OSError, ChangeFailed."""
    with opened_hive(path, target) as hive:
        return read_state(hive, place)


@contextmanager
def opened_hive(path: FilePath, target: Target) -> Iterator[HiveFile]:
    """A hive that is whole, for reading. Raises OSError, ChangeFailed."""
    with open_spot(path, target) as spot:
        fd = open_regular(spot)
        try:
            _check_no_mark(fd)
            hive = HiveFile(lambda size, at: os.pread(fd, size, at), os.fstat(fd).st_size)
            check_clean(hive)
            yield hive
        finally:
            os.close(fd)


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """Make the edit in memory, check it, and keep its pages; the backup's name. Raises OSError, ChangeFailed."""
    with _opened(action, target) as hive:
        _check_no_mark(hive.fd)
        data = read_hive(hive.fd)
        if read_state(read_from(data), place_of(action)) != action.expects:
            raise ChangeFailed("it is not as the plan expects")
        return _keep(action, hive, vault, (data, _edit(action, data)))


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """Write the pages. Raises OSError, ChangeFailed."""
    pages = _read_pages(vault, _read_record(action, vault, backup))
    with _opened(action, target) as hive:
        if look_at_hive(hive.fd, pages, backup) == "other":
            raise ChangeFailed("the hive was written by somebody else meanwhile: is that system running?")
        write_hive(hive.fd, pages, backup, undo=False)


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Write the old pages, or put back what is gone by its name; what could not come back. Raises OSError,
    ChangeFailed.
    """
    pages = _read_pages(vault, _read_record(action, vault, backup))
    with _opened(action, target) as hive:
        if look_at_hive(hive.fd, pages, backup) != "other":
            write_hive(hive.fd, pages, backup, undo=True)
            return ""
        _check_no_mark(hive.fd)
        data = read_hive(hive.fd)
        if read_state(read_from(data), place_of(action)) == action.expects:
            return ""
        made = _put_back(action, data, pages)
        name = _keep(action, hive, vault, (data, made), puts_back=True)
        write_hive(hive.fd, _read_pages(vault, vault.read_hive(name)), name, undo=False)
        return PUT_BACK if action.kind == "delete_key" else ""


def recover(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """A write of this action that was cut off is taken back; anything else stays. Raises OSError, ChangeFailed."""
    if target.info.kind == "live_windows":
        return
    with _opened(action, target) as hive:
        name = find_mark(os.pread(hive.fd, PAGE, 0))
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


def _keep(action: Action, hive: _Hive, vault: Vault, sides: tuple[bytes, bytes], *, puts_back: bool = False) -> str:
    """The pages between two contents of the hive, into the vault; the record's name. Raises OSError, ChangeFailed."""
    before = read_from(sides[0])
    pages = replace(
        plan_hive(hive.fd, *sides),
        windows=read_ntfs(hive.spot.dir_fd, hive.spot.name, hive.fd),
    )
    if action.kind == "delete_key" and not puts_back and (key := before.find(name_path(place_of(action)))):
        pages = replace(pages, tree=tuple(list_tree(before, key)))
    content = keep_bytes(msgspec.msgpack.encode(pages), vault)
    record = HiveRecord(action=action.id, path=action.path, content=content, puts_back=puts_back)
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


def _check_no_mark(fd: int) -> None:
    if find_mark(os.pread(fd, PAGE, 0)):
        raise ChangeFailed(HALF_WRITTEN)


@contextmanager
def _opened(action: Action, target: Target) -> Iterator[_Hive]:
    """The hive's file for writing, no link followed. Raises OSError, ChangeFailed."""
    with open_spot(action.path, target) as spot:
        held = open_regular(spot)
        try:
            fd = os.open(spot.name, _WRITE, dir_fd=spot.dir_fd)
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
