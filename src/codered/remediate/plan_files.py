"""Planning for files: taken away, or replaced by a known-good copy."""

import os

from msgspec.structs import replace

from codered.model.paths import FilePath, path_from_bytes
from codered.model.plan import Action, ActionKind, FileState, NoSource, Source
from codered.remediate.drafts import FILES, Draft, Ground, LeftOut, Order, give_reason, hashes_of_file
from codered.remediate.file_state import (
    CAPABILITIES,
    Spot,
    describe_difference,
    escape_text,
    open_regular,
    read_state,
    state_of_descriptor,
)
from codered.remediate.proposals import Proposal

# Above this a file is not hashed nor kept: a sparse one costs nothing to make and hours to read. In bytes.
MOST_SIZE = 4 << 30
AGREES = "it agrees with its known-good source, so there is nothing to restore"
BY_CARE: tuple[ActionKind, ...] = ("restore_file", "quarantine_file", "delete_file")


def plan_file(proposal: Proposal, ground: Ground, group: int = FILES) -> list[Draft]:
    """The action for the file that the finding is about. Raises LeftOut, OSError, ChangeFailed, Refused."""
    path = proposal.finding.subject.file_path()
    now = read_seen(proposal, ground)
    asked = proposal.step.action in ("clean_file", "restore_file")
    found = find_source(path, now, ground, asked=asked)
    source = found if isinstance(found, Source) else None
    wanted = "restore_file" if source else proposal.step.action
    if isinstance(found, NoSource) and asked:
        why = f"{wanted} needs a known-good copy ({found.because})"
        raise LeftOut(f"{why}; give one with --restore-from")
    kind = next((known for known in BY_CARE if known == wanted), None)
    if kind is None:
        raise LeftOut(f"the tool does not {wanted}: do it by hand as the pack says")
    if source is None and ground.is_edited_only(ground.find_below(path)):
        raise LeftOut("the system needs this file: edit it by hand, or give a known-good one with --restore-from")
    draft = draft_file(proposal, ground, path, now, Order(group, *proposal.rank))
    because = draft.action.because + tell_origin(source)
    return [replace(draft, action=replace(draft.action, kind=kind, source=source, because=because))]


def plan_taking_away(proposal: Proposal, ground: Ground, path: FilePath, order: Order) -> list[Draft]:
    """Quarantine a file that belongs to what the finding is about; none if it is not there, or must stay. Raises
    OSError, ChangeFailed, Refused.
    """
    rel = ground.find_below(path)
    if rel in ground.protected or ground.is_edited_only(rel):
        return []
    now = read_state(path, ground.target, MOST_SIZE)
    return [draft_file(proposal, ground, path, now, order)] if now.sha256 else []


def draft_file(proposal: Proposal, ground: Ground, path: FilePath, now: FileState, order: Order) -> Draft:
    """A quarantine of the file in this state. Raises OSError."""
    rel, finding = ground.find_below(path), proposal.finding
    names, more = count_names(rel, ground), ""
    if names > 1:
        ground.linked.append(finding.subject.name())
        more = f" (it has {names} names on disk: only this one is changed, and undone it is a file of its own)"
    action = Action(
        id="a",
        kind="quarantine_file",
        path=path,
        expects=now,
        because=give_reason(proposal, more),
        pack=finding.pack,
        shown=finding.subject.shown if finding.subject.path == path.text else ground.shown(rel),
    )
    return Draft(finding=finding, order=order, action=action)


def read_seen(proposal: Proposal, ground: Ground) -> FileState:
    """The state of the finding's file, which must be as the scan saw it. Raises LeftOut, OSError, ChangeFailed."""
    now = read_state(proposal.finding.subject.file_path(), ground.target, MOST_SIZE)
    if not now.sha256:
        raise LeftOut(f"{describe_difference(FileState(exists=True, sha256='seen'), now)}, since the scan")
    seen = hashes_of_file(proposal.finding)
    if seen and now.sha256 not in seen:
        raise LeftOut("changed since the scan: scan again")
    return now


def find_source(path: FilePath, now: FileState, ground: Ground, *, asked: bool) -> Source | NoSource:
    """The known-good file for the same place, if there is one and it is another; `asked`: that of a configuration file
    too. Raises OSError, Refused.
    """
    found = ground.wishes.find_good(path, asked)
    folder = ground.wishes.restore_from
    if isinstance(found, NoSource) and folder is not None:
        given = read_source(os.path.abspath(os.fsencode(folder)), ground.find_below(path))
        found = given or NoSource(f"{found.because}; the folder given has no such file")
    if isinstance(found, Source) and not _differs(found, now):
        return NoSource(AGREES)  # infected too, or nothing is wrong with the file
    return found


def tell_origin(source: Source | None) -> str:
    """Where the known-good file is from, as the end of a reason."""
    return f"; restored from {source.origin}" if source is not None and source.origin else ""


def _differs(source: Source, now: FileState) -> bool:
    """Whether restoring would change anything but the time."""
    if source.sha256 != now.sha256:
        return True
    if not source.owns_attributes:
        return False
    capabilities = now.capabilities if source.xattrs is None else source.xattrs.get(CAPABILITIES, b"").hex()
    there = (now.mode, now.uid, now.gid, now.capabilities)
    return there != (source.mode, source.uid, source.gid, capabilities)


def count_names(rel: bytes, ground: Ground) -> int:
    """How many names the file has on disk. Raises OSError."""
    fd = ground.target.open_file(rel)
    try:
        return os.fstat(fd).st_nlink
    finally:
        os.close(fd)


def read_source(folder: bytes, rel: bytes) -> Source | None:
    """The known-good file at this place below the folder; None if there is none. Links are not followed below it."""
    *parts, name = rel.split(b"/")
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            there = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
            os.close(here)
            here = there
        fd = open_regular(Spot(here, name))
    except (FileNotFoundError, NotADirectoryError):
        return None
    finally:
        os.close(here)
    try:
        state = state_of_descriptor(fd)
    finally:
        os.close(fd)
    return Source(
        path=path_from_bytes(os.path.join(folder, rel)),
        sha256=state.sha256,
        size=state.size,
        mode=state.mode,
        uid=state.uid,
        gid=state.gid,
        mtime_ns=state.mtime_ns,
        origin=f"the folder {escape_text(os.fsdecode(folder))} given by you",
    )
