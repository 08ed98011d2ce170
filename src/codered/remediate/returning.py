"""Undoing what an action did to a file: content from the vault, attributes from its record, the folder's times last."""

import os

from codered.model.plan import Action, FileState
from codered.model.target import Target
from codered.remediate.attributes import Attributes, restore_folder_times, write_attributes
from codered.remediate.file_state import ABSENT, Spot, hold_file, open_regular, open_spot, read_state
from codered.remediate.inode_flags import set_holding_flags
from codered.remediate.placing import put_new, remove_held, remove_temporary, replace_held
from codered.remediate.vault import Record, Vault


def return_file(action: Action, target: Target, vault: Vault, backup: str, *, made: FileState = ABSENT) -> str:
    """Bring back the file as it was before the action, in the place of what the action `made`; what could not come back
    with it, "" if nothing. Can be called again after a crash. Raises OSError (FileExistsError: something came back
    meanwhile), ChangeFailed.
    """
    record = vault.read_record(backup)
    with open_spot(action.path, target) as spot:
        remove_temporary(Spot(spot.dir_fd, vault.temporary_name(action)))
        if read_state(action.path, target) != record.state:
            _put_back(action, spot, vault, record, made)
        _return_flags(spot, record.attributes)
        restore_folder_times(spot.dir_fd, record.folder)
        return _tell_links(spot, record.links)


def _tell_links(spot: Spot, before: int) -> str:
    """Content comes back, but not into the file that the other names still lead to: which that is nobody can tell."""
    if before < 2 or os.stat(spot.name, dir_fd=spot.dir_fd, follow_symlinks=False).st_nlink > 1:  # it was never gone
        return ""
    return f"it had {before} names on disk; it is a file of its own now"


def _return_flags(spot: Spot, before: Attributes | None) -> None:
    """Last of all: a file that can't be changed can't be put in its place either."""
    if before is None or not before.flags:
        return
    fd = open_regular(spot)
    try:
        set_holding_flags(fd, before.flags)
    finally:
        os.close(fd)


def _put_back(action: Action, spot: Spot, vault: Vault, record: Record, made: FileState) -> None:
    attributes = record.attributes
    if attributes is None:
        with hold_file(spot, made) as held:
            remove_held(held)
        return
    kept: Attributes = attributes

    def fill(out: int) -> None:
        vault.copy_out(record.state, out, sparse=record.sparse)
        write_attributes(out, kept)

    temporary = vault.temporary_name(action)
    if not made.exists:
        put_new(spot, temporary, fill)
        return
    with hold_file(spot, made) as held:
        replace_held(held, temporary, fill)
