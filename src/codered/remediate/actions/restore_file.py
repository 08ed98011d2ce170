"""restore_file: a known-good file takes the place of what is there. Owner, mode and extended attributes of the replaced
file are kept, unless the source vouches for its own; the modification time comes with the content. Where nothing was,
the source's attributes are used.
"""

import os
from collections.abc import Callable

from codered.model.plan import Action, FileState, Source
from codered.model.target import Target
from codered.remediate.attributes import Attributes, write_attributes
from codered.remediate.file_state import (
    CAPABILITIES,
    PIECE,
    ChangeFailed,
    Spot,
    hold_file,
    open_regular,
    open_spot,
    read_state,
    state_of_descriptor,
)
from codered.remediate.placing import put_new, replace_held, write_all
from codered.remediate.returning import lacks_short_name, return_file
from codered.remediate.vault import Vault
from codered.system.descriptors import read_at
from codered.system.folders import open_folder

says = "replace by the known-good copy; can be undone"


def state(action: Action, target: Target) -> FileState:
    """The file as it is now. One that is on its way back, all but its short name, is not back yet."""
    now = read_state(action.path, target)
    return outcome(action) if lacks_short_name(now, action.file_state()) else now


def outcome(action: Action) -> FileState:
    """The source's content under the attributes of what was there, or of the source if it vouches for them."""
    source, kept = _source_of(action), action.file_state()
    keeps = kept.exists and not source.owns_attributes
    return FileState(
        exists=True,
        sha256=source.sha256,
        size=source.size,
        mode=kept.mode if keeps else source.mode,
        uid=kept.uid if keeps else source.uid,
        gid=kept.gid if keeps else source.gid,
        mtime_ns=source.mtime_ns,
        capabilities=kept.capabilities if _own_xattrs(source) is None else _own_capabilities(source),
    )


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """What is there now into the vault; the backup's name. Raises OSError, ChangeFailed."""
    with open_spot(action.path, target) as spot:
        if not action.file_state().exists:
            return vault.keep_absence(action, spot)
        with hold_file(spot, action.file_state()) as held:
            return vault.keep_file(action, held)


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:
    """Put the source's content in its place. Raises OSError, ChangeFailed."""
    before, wanted = vault.read_record(backup).attributes, outcome(action)
    attributes = Attributes(
        mode=wanted.mode,
        uid=wanted.uid,
        gid=wanted.gid,
        mtime_ns=wanted.mtime_ns,
        atime_ns=wanted.mtime_ns,
        xattrs=_choose_xattrs(_source_of(action), before),
    )

    def fill(out: int) -> None:
        copy_source(_source_of(action), lambda piece: write_all(out, piece))
        write_attributes(out, attributes)

    temporary = vault.temporary_name(action)
    with open_spot(action.path, target) as spot:
        if not action.file_state().exists:
            put_new(spot, temporary, fill)
            return
        with hold_file(spot, action.file_state()) as held:
            replace_held(held, temporary, fill)


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Put back what was there; what could not come back. Raises OSError, ChangeFailed."""
    return return_file(action, target, vault, backup, made=outcome(action))


def copy_source(source: Source, write: Callable[[bytes], None]) -> None:
    """Read the known-good file piece by piece. Raises ChangeFailed if it is not what the plan says, OSError."""
    folder, _, name = source.path.to_bytes().rpartition(b"/")
    dir_fd = open_folder(folder or b"/")
    try:
        fd = open_regular(Spot(dir_fd, name))
    finally:
        os.close(dir_fd)
    try:
        if state_of_descriptor(fd).sha256 != source.sha256:
            raise ChangeFailed("the known-good copy is not the one the plan was made with")
        offset = 0
        while piece := read_at(fd, PIECE, offset):
            write(piece)
            offset += len(piece)
    finally:
        os.close(fd)


def _own_xattrs(source: Source) -> dict[str, bytes] | None:
    """The extended attributes that the source vouches for; None = those that are there stay."""
    return source.xattrs if source.owns_attributes else None


def _own_capabilities(source: Source) -> str:
    return (source.xattrs or {}).get(CAPABILITIES, b"").hex()


def _choose_xattrs(source: Source, before: Attributes | None) -> tuple[tuple[bytes, bytes], ...]:
    own = _own_xattrs(source)
    if own is None:
        return before.xattrs if before else ()
    return tuple(sorted((os.fsencode(name), value) for name, value in own.items()))


def _source_of(action: Action) -> Source:
    if action.source is None:
        raise ChangeFailed("the plan names no known-good copy")
    return action.source
