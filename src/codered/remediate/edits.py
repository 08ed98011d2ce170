"""Changing a file that stays. Lines: a changed copy takes the file's place in one step, with its owner, mode and
extended attributes; on NTFS, where a new file would lose its short name and more, the pages that change are written.
Permission bits and capabilities: in place, on the same inode, and back again exactly.
"""

import os
import stat
import time

from msgspec.structs import replace

from codered.model.plan import Action, Edit, FileState
from codered.model.target import Target
from codered.remediate.account_lock import hold_account_lock
from codered.remediate.attributes import Attributes, write_attributes
from codered.remediate.comparing import agree
from codered.remediate.file_state import CAPABILITIES, ChangeFailed, Spot, hold_file, open_spot, read_state
from codered.remediate.in_place import change_in_place, recover_in_place, return_in_place
from codered.remediate.inode_flags import set_holding_flags
from codered.remediate.lines import change_lines, read_data
from codered.remediate.pages import PageChange, plan_pages
from codered.remediate.placing import replace_held, write_all
from codered.remediate.returning import return_file
from codered.remediate.vault import Vault
from codered.remediate.vault_records import Record
from codered.system.descriptors import open_nameless
from codered.system.extended import remove_extended, set_mode, write_extended


def state(action: Action, target: Target) -> FileState:
    """The file as it is now. One whose capabilities are gone and whose mode is still the old one is half-way, which
    counts as not yet begun.
    """
    now = read_state(action.path, target)
    return action.file_state() if now == _half_way(action) else now


def outcome(action: Action) -> FileState:
    """The file as the plan foresaw it. Raises ChangeFailed if the plan holds no edit."""
    return _edit_of(action).outcome


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """The whole file into the vault; the backup's name. Raises OSError, ChangeFailed."""
    _edit_of(action)
    with open_spot(action.path, target) as spot, hold_file(spot, action.file_state()) as held:
        return vault.keep_file(action, held)


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """Make the edit: all of its lines, or its mode and capabilities. Raises OSError, ChangeFailed."""
    record = vault.read_record(backup)
    attributes = _attributes_of(record)
    with hold_account_lock(action.path, target), open_spot(action.path, target) as spot:
        if _edit_of(action).lines and record.windows is not None:
            with hold_file(spot, action.file_state()) as held:
                change_in_place(held, _find_pages(action, vault, record), record.windows)
        elif _edit_of(action).lines:
            _replace_lines(action, spot, vault.temporary_name(action), attributes)
        else:
            _change_in_place(action, target, spot)


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Bring the file back byte for byte; what could not come back. Raises OSError, ChangeFailed."""
    record = vault.read_record(backup)
    with hold_account_lock(action.path, target):
        if _edit_of(action).lines and record.windows is not None:
            with open_spot(action.path, target) as spot:
                return_in_place(spot, _find_pages(action, vault, record), _attributes_of(record), record.windows)
            return ""
        if _edit_of(action).lines:
            return return_file(action, target, vault, backup, made=outcome(action))
        with open_spot(action.path, target) as spot:
            _return_in_place(action, target, spot, record.attributes)
    return ""


def recover(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """A file on NTFS that a crash left half-written becomes the old one again. Raises OSError, ChangeFailed."""
    record = vault.read_record(backup)
    if record.windows is None or not _edit_of(action).lines:
        return
    with open_spot(action.path, target) as spot:
        recover_in_place(spot, _find_pages(action, vault, record), _attributes_of(record), record.windows)


def _attributes_of(record: Record) -> Attributes:
    if record.attributes is None:
        raise ChangeFailed("the vault remembers that no file was there")
    return record.attributes


def _find_pages(action: Action, vault: Vault, record: Record) -> tuple[PageChange, ...]:
    """The pages that the edit changes: the vault has the old file, and what it becomes follows from the plan."""
    fd = open_nameless("before")
    try:
        vault.copy_out(record.state, fd)
        before = read_data(fd)
    finally:
        os.close(fd)
    return plan_pages(before, change_lines(before, _edit_of(action).lines))


def _edit_of(action: Action) -> Edit:
    if action.edit is None:
        raise ChangeFailed("the plan does not say what the edit is")
    return action.edit


def _half_way(action: Action) -> FileState | None:
    edit = _edit_of(action)
    if edit.lines or edit.mode is None or not edit.drop_capabilities:
        return None
    return replace(action.file_state(), capabilities="")


def _replace_lines(action: Action, spot: Spot, temporary: bytes, before: Attributes) -> None:
    edit, now = _edit_of(action), time.time_ns()
    kept = tuple(pair for pair in before.xattrs if not (edit.drop_capabilities and pair[0] == CAPABILITIES.encode()))
    mode = before.mode if edit.mode is None else edit.mode
    with hold_file(spot, action.file_state()) as held:
        data = change_lines(read_data(held.fd), edit.lines)

        def fill(out: int) -> None:
            write_all(out, data)
            write_attributes(out, replace(before, mode=mode, mtime_ns=now, atime_ns=now, xattrs=kept))

        replace_held(held, temporary, fill)


def _change_in_place(action: Action, target: Target, spot: Spot) -> None:
    edit, now = _edit_of(action), read_state(action.path, target)
    if now != _half_way(action):
        now = action.file_state()
    with hold_file(spot, now) as held:
        held.lift_flags()
        if edit.drop_capabilities and now.capabilities:
            remove_extended(held.fd, CAPABILITIES)
        if edit.mode is not None:
            set_mode(held.fd, edit.mode)
        os.fsync(held.fd)


def _return_in_place(action: Action, target: Target, spot: Spot, before: Attributes | None) -> None:
    now = read_state(action.path, target)
    known = (action.file_state(), _half_way(action), outcome(action))
    if before is None or not any(state is not None and agree(state, now) for state in known):
        raise ChangeFailed("it is not as it was left")
    with hold_file(spot, now) as held:
        held.lift_flags()
        # The mode first: half-way is then the same as on the way there.
        if stat.S_IMODE(os.fstat(held.fd).st_mode) != before.mode:
            set_mode(held.fd, before.mode)
        for name, value in before.xattrs:
            if name == CAPABILITIES.encode() and now.capabilities != value.hex():
                write_extended(held.fd, name, value)
        set_holding_flags(held.fd, before.flags)
        os.fsync(held.fd)
