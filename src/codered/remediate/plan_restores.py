"""Planning for what differs from known good: the file comes back from a verified source, or is left alone with the
reason why there is none. Never guessed.
"""

import os

from codered.model.finding import Finding
from codered.model.plan import Action, FileState, NoSource
from codered.remediate.drafts import FILES, Draft, Ground, LeftOut, Order, give_reason, read_system_places
from codered.remediate.file_state import NO_REGULAR_FILE, read_state
from codered.remediate.plan_files import AGREES, MOST_SIZE, count_names, find_source, read_seen, tell_origin
from codered.remediate.proposals import Proposal

INTEGRITY = "integrity"
_MISSING = "missing"


def is_restore(proposal: Proposal) -> bool:
    """Whether a finding about known good asks for the file as it was."""
    return proposal.finding.layer == INTEGRITY and proposal.step.action == "restore_file"


def plan_restore(proposal: Proposal, ground: Ground) -> list[Draft]:
    """A restore_file for what differs from known good, or is missing. Raises LeftOut, OSError, ChangeFailed,
    Refused.
    """
    finding = proposal.finding
    path = finding.subject.file_path()
    rel = ground.find_below(path)
    if finding.indicator != _MISSING and os.fsdecode(rel) in read_system_places().accounts_files:
        raise LeftOut("it changes with every account and password: compare it by hand with a good one")
    now = _read_missing(finding, ground) if finding.indicator == _MISSING else read_seen(proposal, ground)
    found = find_source(path, now, ground, asked=True)
    if isinstance(found, NoSource):
        raise LeftOut(AGREES if found.because == AGREES else f"no verified source: {found.because}")
    if finding.indicator == "capabilities" and found.xattrs is None:
        raise LeftOut("no verified source: only a baseline says which capabilities a file has")
    names = count_names(rel, ground) if now.exists else 1
    if names > 1:
        ground.linked.append(finding.subject.name())
    action = Action(
        id="a",
        kind="restore_file",
        path=path,
        expects=now,
        because=give_reason(proposal, tell_origin(found)),
        pack=finding.pack,
        shown=finding.subject.shown or ground.shown(rel),
        source=found,
    )
    return [Draft(finding=finding, order=Order(FILES, *proposal.rank), action=action)]


def _read_missing(finding: Finding, ground: Ground) -> FileState:
    """Nothing must be there, but the folder where it belongs. Raises LeftOut, OSError, ChangeFailed, Refused."""
    path = finding.subject.file_path()
    now = read_state(path, ground.target, MOST_SIZE)
    if now == NO_REGULAR_FILE:
        raise LeftOut("a link, a folder or a special file is in its place: look at it, then scan again")
    if now.exists:
        raise LeftOut("it is there again since the scan: scan again")
    parent, _, _ = ground.find_below(path).rpartition(b"/")
    try:
        os.close(ground.target.open_dir(parent))
    except FileNotFoundError:
        raise LeftOut("its folder is gone too: make it again with its owner and mode, then plan again") from None
    return now
