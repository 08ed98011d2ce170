"""Planning for what a finding runs: a line or a process that goes must not leave its program behind unsaid."""

import fnmatch
import os
import stat
from contextlib import suppress

from msgspec.structs import replace

from codered.model.errors import Refused
from codered.model.paths import FilePath, path_from_bytes
from codered.remediate.drafts import FILES, Draft, Ground, Order, is_shared_program, read_system_places
from codered.remediate.file_state import ChangeFailed, escape_text, open_spot, read_state
from codered.remediate.plan_files import MOST_SIZE, draft_file
from codered.remediate.proposals import Proposal
from codered.remediate.service_links import read_link
from codered.remediate.windows_kept import is_windows_own, read_windows_kept
from codered.system.folders import look_in

_MOST_LINKS = 40
_NOT_TOLD = "the report has no path of it: look at what it runs before it is removed"


def plan_blamed_files(proposal: Proposal, ground: Ground) -> list[Draft]:
    """Quarantines of the files that the finding blames and no package owns. What else of no package it runs is only
    noted in the ground, for a person to look at: a place that is not odd says nothing against a file.
    """
    drafts: list[Draft] = []
    if proposal.finding.confidence == "suspicious":
        return drafts
    for piece in proposal.finding.evidence:
        if piece.source not in ("script", "runs"):
            continue
        if not piece.data:
            ground.beside[proposal.finding.subject.file_path()] = f"{escape_text(piece.what)}: {_NOT_TOLD}"
            continue
        with suppress(OSError, Refused):
            drafts += _plan_one(proposal, ground, path_from_bytes(piece.data), blamed=piece.source == "script")
    return drafts


def _plan_one(proposal: Proposal, ground: Ground, named: FilePath, *, blamed: bool) -> list[Draft]:
    """Raises OSError, Refused."""
    if ground.wishes.owner_of(named):
        return []
    path = follow_links(named, ground)
    rel, owner = ground.find_below(path), ground.wishes.owner_of(path)
    if owner or _is_itself(proposal, path) or not _is_file(path, ground) or _is_usual(rel, owner):
        return []
    own = is_windows_own(proposal, rel, ground)
    why_not = "no package owns it" if owner == "" else "whose it is can't be told"
    started_by = f"started by {escape_text(proposal.finding.subject.name())}"
    if own:
        why_not = read_windows_kept().file_because
    meant = blamed and not own and (path == named or _is_odd(rel))  # a link leads wherever its owner likes
    if meant and _may_go(rel, ground):
        try:
            now = read_state(path, ground.target, MOST_SIZE)
            draft = draft_file(proposal, ground, path, now, Order(FILES, *proposal.rank))
            because = f"{draft.action.because}; {started_by}"
            return [replace(draft, action=replace(draft.action, because=because))]
        except ChangeFailed as error:
            why_not = str(error)
    ground.beside.setdefault(path, f"{started_by}; {why_not}: look at it")
    return []


def _may_go(rel: bytes, ground: Ground) -> bool:
    """A hostile line may name anything, to have it taken away: an interpreter, keys, somebody's profile."""
    if is_shared_program(rel) or rel in ground.protected or ground.is_edited_only(rel):
        return False
    places, path = read_system_places(), os.fsdecode(rel)
    if path.startswith(places.anybodys_places):
        return True
    last = path.rpartition("/")[2]
    return not any(
        f"/{name}" in f"/{path}" if name.endswith("/") else fnmatch.fnmatchcase(last, name)
        for name in places.owners_files
    )


def follow_links(path: FilePath, ground: Ground) -> FilePath:
    """Where the path leads below the root, links on the way included. Raises OSError (also for a loop), Refused."""
    left = ground.find_below(path).split(b"/")
    here: list[bytes] = []
    links = 0
    while left:
        part = left.pop(0)
        if part in (b"", b"."):
            continue
        if part == b"..":
            here = here[:-1]
            continue
        here.append(part)
        target = read_link(ground.at(b"/".join(here)), ground.target).target
        if target is None:
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError("too many links")
        raw = target.to_bytes()
        here = [] if raw.startswith(b"/") else here[:-1]
        left = raw.split(b"/") + left
    return ground.at(b"/".join(here))


def _is_itself(proposal: Proposal, path: FilePath) -> bool:
    subject = proposal.finding.subject
    return subject.kind == "autostart" and subject.path is not None and subject.file_path() == path


def _is_file(path: FilePath, ground: Ground) -> bool:
    """Raises OSError, Refused."""
    with open_spot(path, ground.target) as spot:
        try:
            return stat.S_ISREG(look_in(spot.dir_fd, spot.name).st_mode)
        except FileNotFoundError:
            return False


def _is_usual(rel: bytes, owner: str | None) -> bool:
    """Where nobody knows whose anything is, what lies where programs lie is taken for the system's."""
    return owner is None and os.fsdecode(rel).startswith(read_system_places().program_places)


def _is_odd(rel: bytes) -> bool:
    hidden = any(part.startswith(b".") for part in rel.split(b"/"))
    return hidden or os.fsdecode(rel).startswith(read_system_places().anybodys_places)
