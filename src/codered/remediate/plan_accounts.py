"""Planning for accounts: a second root leaves the account files; one that should let nobody in is locked."""

from collections.abc import Sequence

from msgspec.structs import replace

from codered.model.plan import ActionKind, LineChange
from codered.remediate.account_lock import ACCOUNT_FILES
from codered.remediate.drafts import ACCOUNTS, Draft, Ground, LeftOut, Order, give_reason, read_system_places
from codered.remediate.file_state import ChangeFailed
from codered.remediate.lines import make_change
from codered.remediate.plan_lines import draft_edit, locate_line, start_edit
from codered.remediate.proposals import Proposal

_PASSWD, _SHADOW = ACCOUNT_FILES[:2]
_FIELDS = 7  # of a line of passwd
_LOCKED = (b"!", b"*")
_NO_LOGIN = (b"nologin", b"false")


def plan_account(proposal: Proposal, ground: Ground) -> list[Draft]:
    """The changes in passwd and shadow. Raises LeftOut, OSError, ChangeFailed, Refused."""
    path = proposal.finding.subject.file_path()
    if ground.find_below(path) != _PASSWD:
        raise LeftOut("it is not in /etc/passwd: decide yourself")
    _, lines = ground.read_lines(path)
    number = locate_line(proposal, lines)
    fields = lines[number - 1].removesuffix(b"\n").split(b":")
    if fields[0] == b"root":
        raise LeftOut("the account root itself is never changed: decide yourself")
    if proposal.step.action == "remove_line":
        return _remove(proposal, ground, number)
    return _lock(proposal, ground, number, fields)


def _remove(proposal: Proposal, ground: Ground, number: int) -> list[Draft]:
    _, lines = ground.read_lines(ground.at(_PASSWD))
    name = _name_of(lines[number - 1])
    drafts = [_draft(proposal, ground, _PASSWD, (make_change(lines, number),))]
    if sum(_name_of(line) == name for line in lines) > 1:
        return drafts  # another line has this name: its password stays
    shadow = _read_shadow(ground)
    gone = tuple(make_change(shadow, at) for at, line in enumerate(shadow, 1) if name and _name_of(line) == name)
    return [*drafts, *([_draft(proposal, ground, _SHADOW, gone)] if gone else [])]


def _lock(proposal: Proposal, ground: Ground, number: int, fields: list[bytes]) -> list[Draft]:
    if len(fields) != _FIELDS or not fields[0]:
        raise LeftOut("its line does not parse: edit it by hand")
    wanted = list(fields)
    if fields[1] != b"x" and not fields[1].startswith(_LOCKED):
        wanted[1] = b"!" + fields[1]
    if fields[6].removesuffix(b"\n").rpartition(b"/")[2] not in _NO_LOGIN:
        wanted[6] = read_system_places().no_login_shell.encode()
    shadow = _read_shadow(ground)
    locked = tuple(
        make_change(shadow, at, _lock_password(line))
        for at, line in enumerate(shadow, 1)
        if _name_of(line) == fields[0] and _lock_password(line) != line.removesuffix(b"\n")
    )
    drafts = [_draft(proposal, ground, _SHADOW, locked)] if locked else []
    if wanted != fields:
        _, lines = ground.read_lines(ground.at(_PASSWD))
        drafts.append(_draft(proposal, ground, _PASSWD, (make_change(lines, number, b":".join(wanted)),)))
    if not drafts:
        raise LeftOut("it is locked already")
    return drafts


def _draft(proposal: Proposal, ground: Ground, rel: bytes, changes: tuple[LineChange, ...]) -> Draft:
    kind: ActionKind = "remove_line" if proposal.step.action == "remove_line" else "lock_account"
    action = start_edit(proposal, ground, rel, kind)
    changes = tuple(replace(change, shown=hide_password(change.shown)) for change in changes)
    draft = draft_edit(proposal, ground, action, changes, Order(ACCOUNTS, *proposal.rank))
    name = proposal.finding.subject.key or "?"
    return replace(draft, action=replace(draft.action, because=f"{name}: {give_reason(proposal)}"))


def hide_password(line: str) -> str:
    """A line of passwd or shadow as text, without the hash in it: plans are read by more people than shadow is."""
    name, colon, rest = line.partition(":")
    password, end, more = rest.partition(":")
    mark = password[: len(password) - len(password.lstrip("!*"))]
    hidden = password if password in ("", "x", mark) else f"{mark}…"
    return f"{name}{colon}{hidden}{end}{more}"


def _read_shadow(ground: Ground) -> Sequence[bytes]:
    try:
        return ground.read_lines(ground.at(_SHADOW))[1]
    except (ChangeFailed, FileNotFoundError):
        return ()  # a system without one keeps its passwords in passwd


def _name_of(line: bytes) -> bytes:
    return line.removesuffix(b"\n").partition(b":")[0]


def _lock_password(line: bytes) -> bytes:
    name, *rest = line.removesuffix(b"\n").split(b":")
    if rest and not rest[0].startswith(_LOCKED):
        rest[0] = b"!" + rest[0]
    return b":".join([name, *rest])
