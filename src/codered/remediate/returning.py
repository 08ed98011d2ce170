"""Undoing what an action did to a file: content from the vault, attributes from its record, the folder's times last."""

import os

from msgspec.structs import replace

from codered.model.plan import Action, FileState
from codered.model.target import Target
from codered.remediate import ntfs_attributes
from codered.remediate.attributes import Attributes, restore_folder_times, write_attributes
from codered.remediate.file_state import (
    ABSENT,
    Spot,
    hold_file,
    is_as_expected,
    open_regular,
    open_spot,
    read_state,
)
from codered.remediate.inode_flags import set_holding_flags
from codered.remediate.ntfs_attributes import NtfsBefore, NtfsStream
from codered.remediate.placing import put_new, remove_held, remove_temporary, replace_held
from codered.remediate.vault import Vault
from codered.remediate.vault_records import Record
from codered.system.folders import look_in


def return_file(action: Action, target: Target, vault: Vault, backup: str, *, made: FileState = ABSENT) -> str:
    """Bring back the file as it was before the action, in the place of what the action `made`; what could not come back
    with it, "" if nothing. Can be called again after a crash. Raises OSError (FileExistsError: something came back
    meanwhile), ChangeFailed.
    """
    record = vault.read_record(backup)
    with open_spot(action.path, target) as spot:
        remove_temporary(Spot(spot.dir_fd, vault.temporary_name(action)))
        now = read_state(action.path, target)
        if now != record.state and not lacks_short_name(now, record.state):
            _put_back(action, spot, vault, record, made)
        notes = [] if record.windows is None else [_finish_ntfs(spot, record.windows)]
        _return_flags(spot, record.attributes)
        restore_folder_times(spot.dir_fd, record.folder)
        return "; ".join(note for note in (*notes, _tell_links(spot, record.links)) if note)


def lacks_short_name(now: FileState, before: FileState) -> bool:
    """Whether a file came back but for its short name, which NTFS gives only to one that is in its place."""
    plain = ntfs_attributes.without_short_name(before.windows)
    return plain != before.windows and is_as_expected(replace(before, windows=plain), now)


def _finish_ntfs(spot: Spot, before: NtfsBefore) -> str:
    fd = open_regular(spot)
    try:
        ntfs_attributes.write_short_name(fd, before)
        return ntfs_attributes.tell_lost(fd, before)
    finally:
        os.close(fd)


def _tell_links(spot: Spot, before: int) -> str:
    """Content comes back, but not into the file that the other names still lead to: which that is nobody can tell."""
    if before < 2 or look_in(spot.dir_fd, spot.name).st_nlink > 1:  # it was never gone
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
    temporary = vault.temporary_name(action)

    def fill(out: int) -> None:
        vault.copy_out(record.state, out, sparse=record.sparse)
        write_attributes(out, kept)
        if record.windows is not None:
            _write_ntfs(Spot(spot.dir_fd, temporary), out, vault, record.windows)

    if not made.exists:
        put_new(spot, temporary, fill)
        return
    with hold_file(spot, made) as held:
        replace_held(held, temporary, fill)


def _write_ntfs(spot: Spot, out: int, vault: Vault, before: NtfsBefore) -> None:
    """NTFS has no files without a name: the one that is being written has the temporary one."""

    def fill_stream(stream: NtfsStream, to: int) -> None:
        vault.copy_out(FileState(exists=True, sha256=stream.sha256, size=stream.size), to)

    ntfs_attributes.write_streams(spot.dir_fd, spot.name, before.streams, fill_stream)
    ntfs_attributes.write_attributes(out, before)
