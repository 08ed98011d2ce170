"""Planning for what is set back: SUID bits, capabilities, and lines whose default a pack knows."""

import stat

from msgspec.structs import replace

from codered.model.indicators import SettingIndicator
from codered.model.pack import LoadedPack
from codered.model.plan import Action, Edit, NoSource
from codered.remediate.drafts import LINES, Draft, Ground, LeftOut, Order, give_reason
from codered.remediate.file_state import read_state
from codered.remediate.plan_files import MOST_SIZE, draft_file, find_source, read_seen
from codered.remediate.plan_lines import plan_line
from codered.remediate.proposals import Proposal

_SET_ID = stat.S_ISUID | stat.S_ISGID


def plan_reset(proposal: Proposal, ground: Ground, packs: tuple[LoadedPack, ...]) -> list[Draft]:
    """What becomes what it is by default. Raises LeftOut, OSError, ChangeFailed, Refused."""
    subject = proposal.finding.subject
    if subject.kind == "autostart" and subject.key in ("suid", "capabilities"):
        return [_drop_rights(proposal, ground)]
    indicator = _find_indicator(proposal, packs)
    if indicator is not None and indicator.clean_is == "value":
        return plan_line(proposal, ground, indicator.clean.encode())
    if indicator is not None and indicator.clean_is == "absent":
        return plan_line(proposal, ground)
    path = subject.file_path()
    now = read_state(path, ground.target, MOST_SIZE)
    source = find_source(path, now, ground, asked=True)
    if isinstance(source, NoSource):
        why = f"what it was before is not known ({source.because})"
        raise LeftOut(f"{why}: set it by hand, or give a known-good copy with --restore-from")
    draft = draft_file(proposal, ground, path, now, Order(LINES, *proposal.rank))
    return [replace(draft, action=replace(draft.action, kind="restore_file", source=source))]


def _drop_rights(proposal: Proposal, ground: Ground) -> Draft:
    """The file stays as it is and loses its set-id bits, or its capabilities."""
    subject, now = proposal.finding.subject, read_seen(proposal, ground)
    suid = subject.key == "suid"
    if (suid and not now.mode & _SET_ID) or not (suid or now.capabilities):
        raise LeftOut("it is as it should be already")
    mode = now.mode & ~_SET_ID if suid else None
    outcome = replace(now, mode=mode) if mode is not None else replace(now, capabilities="")
    action = Action(
        id="a",
        kind="reset_setting",
        path=subject.file_path(),
        expects=now,
        because=give_reason(proposal),
        pack=proposal.finding.pack,
        shown=subject.shown,
        edit=Edit(outcome=outcome, mode=mode, drop_capabilities=not suid),
    )
    return Draft(finding=proposal.finding, order=Order(LINES, *proposal.rank), action=action)


def _find_indicator(proposal: Proposal, packs: tuple[LoadedPack, ...]) -> SettingIndicator | None:
    """The setting of the pack that found it, if it is one in a file."""
    for item in packs:
        if item.pack.name == proposal.pack:
            for setting in item.pack.settings:
                if setting.id == proposal.finding.indicator and setting.store == "file":
                    return setting
    return None
