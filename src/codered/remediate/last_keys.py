"""Keys that open an account: a plan must not lock out the machine's owner, who may be the one that carries it out.

That a key is new says little about a file of several: the one who planted a key has touched the file, so all of them
look new. Where no key would be left, only those go that nobody means to use, or that came alone.
"""

import fnmatch
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from codered.model.finding import Finding
from codered.model.heuristics import HEURISTICS
from codered.model.paths import FilePath
from codered.remediate.drafts import Draft, Ground, read_system_places
from codered.remediate.file_state import ChangeFailed

LOCKS_OUT = (
    "no key would be left in this file, and which are its owner's can't be told: remove the wrong ones by hand, or all "
    "with --include-suspicious"
)
_NONE_LEFT = " (no key is left in this file: see that you can log in otherwise)"
_WRITTEN_WITHIN = timedelta(minutes=1)
_KEY = re.compile(rb"(?:^|[ \t])(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[A-Za-z0-9@.-]{1,64}[ \t]+[A-Za-z0-9+/]")


class Spared(NamedTuple):
    """The drafts that stay, and the findings that are left alone, with the reason."""

    drafts: list[Draft]
    left: list[tuple[Finding, str]]


def spare_last_keys(drafts: Sequence[Draft], ground: Ground) -> Spared:
    """Without the drafts that would take the last keys of a file, unless these are nobody's. With --include-suspicious
    all go, and are told.
    """
    files: dict[FilePath, list[Draft]] = {}
    for draft in drafts:
        if draft.finding.subject.kind == "key" and draft.action.edit is not None:
            files.setdefault(draft.action.path, []).append(draft)
    spared: dict[int, str] = {}
    told: set[int] = set()
    for path, several in files.items():
        keys = _count_taken(path, several, ground)
        unsure = [draft for draft in several if keys and not _is_nobodys(draft, keys)]
        if unsure and not ground.wishes.include_suspicious:
            spared.update((id(draft), LOCKS_OUT) for draft in unsure)
        elif keys:
            told.update(id(draft) for draft in several)
    kept = [_tell(draft) if id(draft) in told else draft for draft in drafts if id(draft) not in spared]
    return Spared(kept, [(draft.finding, spared[id(draft)]) for draft in drafts if id(draft) in spared])


def _count_taken(path: FilePath, several: Sequence[Draft], ground: Ground) -> int:
    """How many keys go, if no other is left in the file; else 0."""
    try:
        _, lines = ground.read_lines(path)
    except (OSError, ChangeFailed):
        return 0  # then the merging fails as well, and says why
    goes = {change.line for draft in several if draft.action.edit for change in draft.action.edit.lines}
    stays = any(_is_key(line) for number, line in enumerate(lines, 1) if number not in goes)
    return 0 if stays else len(goes)


def _is_key(line: bytes) -> bool:
    return not line.lstrip().startswith(b"#") and _KEY.search(line) is not None


def _is_nobodys(draft: Draft, keys: int) -> bool:
    """Whether a pack knows it, it is of a kind that nobody uses, or the file was written with this key only when it
    came: whoever had one in it before has lost that already.
    """
    finding = draft.finding
    if finding.pack != HEURISTICS:
        return True
    if any(fnmatch.fnmatchcase(finding.indicator, name) for name in read_system_places().keys_nobody_uses):
        return True
    written = datetime.fromtimestamp(draft.action.file_state().mtime_ns / 1e9, UTC)
    return keys == 1 and finding.first_seen is not None and abs(written - finding.first_seen) <= _WRITTEN_WITHIN


def _tell(draft: Draft) -> Draft:
    return replace(draft, action=replace(draft.action, because=draft.action.because + _NONE_LEFT))
