"""Planning for services: a unit or init script leaves its place, its links go, and its name is masked."""

import os
import stat
from collections.abc import Iterator

from codered.model.paths import FilePath
from codered.model.plan import Action, LinksState, LinkState
from codered.remediate.drafts import SERVICES, Draft, Ground, LeftOut, Order, give_reason, read_system_places
from codered.remediate.plan_files import draft_file, plan_taking_away, read_seen
from codered.remediate.proposals import Proposal
from codered.remediate.service_links import read_link
from codered.remediate.systemd import UNIT

_MASK = FilePath("/dev/null")
_MOST_DROP_INS = 64
_MASKS = "etc/systemd/"


def plan_service(proposal: Proposal, ground: Ground) -> list[Draft]:
    """The files that go first, then the links: a unit's own name is free for the mask by then. Raises LeftOut, OSError,
    ChangeFailed, Refused.
    """
    path = proposal.finding.subject.file_path()
    rel = ground.find_below(path)
    order = Order(SERVICES, *proposal.rank)
    owned = bool(ground.wishes.owner_of(path))
    if os.path.dirname(rel).endswith(b".d") and b"init.d" not in rel.split(b"/"):
        if owned:
            raise LeftOut("a package's own drop-in: decide yourself")
        return [draft_file(proposal, ground, path, read_seen(proposal, ground), order)]
    itself = read_link(path, ground.target)
    drafts = []
    if proposal.step.action == "remove_service" and not owned and itself.target is None:
        drafts.append(draft_file(proposal, ground, path, read_seen(proposal, ground), order))
        for drop_in in _list_drop_ins(rel, ground):
            drafts += plan_taking_away(proposal, ground, ground.at(drop_in), order._replace(part=1))
    links = _find_links(proposal, ground, itself, goes=bool(drafts))
    if links is not None:
        drafts.append(_draft_links(proposal, ground, links, order._replace(part=2)))
    if not drafts:
        raise LeftOut("it is switched off already")
    return drafts


def _draft_links(proposal: Proposal, ground: Ground, links: tuple[LinksState, LinksState], order: Order) -> Draft:
    path = proposal.finding.subject.file_path()
    action = Action(
        id="a",
        kind="disable_service",
        path=path,
        expects=links[0],
        becomes=links[1],
        because=give_reason(proposal),
        pack=proposal.finding.pack,
        shown=proposal.finding.subject.shown or ground.shown(ground.find_below(path)),
    )
    return Draft(finding=proposal.finding, order=order, action=action)


def _find_links(
    proposal: Proposal, ground: Ground, itself: LinkState, *, goes: bool
) -> tuple[LinksState, LinksState] | None:
    """The links now and afterwards; None if nothing would change."""
    paths = dict.fromkeys(proposal.finding.subject.links)
    found = [link for path in paths if (link := read_link(path, ground.target)).target is not None]
    if itself.target not in (None, _MASK) and itself not in found:
        found.append(itself)
    before, after = list(found), [LinkState(path=link.path) for link in found]
    mask = _find_mask(ground.find_below(itself.path), ground)
    if mask is not None and not any(ground.find_below(link.path) == mask for link in found):
        path = ground.at(mask)
        if (goes and path == itself.path) or not _is_there(mask, ground):
            before.append(LinkState(path=path))
            after.append(LinkState(path=path, target=_MASK))
    if not before:
        return None
    return LinksState(links=tuple(before)), LinksState(links=tuple(after))


def _find_mask(rel: bytes, ground: Ground) -> bytes | None:
    """Where a link would mask this unit, if it is one and the folder is there."""
    folder, _, name = os.fsdecode(rel).rpartition("/")
    if folder not in read_system_places().unit_folders or not UNIT.fullmatch(name):
        return None
    masks = _MASKS + folder.rpartition("/")[2]
    try:
        os.close(ground.target.open_dir(masks.encode()))
    except OSError:
        return None
    return os.fsencode(f"{masks}/{name}")


def _is_there(rel: bytes, ground: Ground) -> bool:
    folder, _, name = rel.rpartition(b"/")
    fd = ground.target.open_dir(folder)
    try:
        os.stat(name, dir_fd=fd, follow_symlinks=False)
    except FileNotFoundError:
        return False
    finally:
        os.close(fd)
    return True


def _list_drop_ins(rel: bytes, ground: Ground) -> Iterator[bytes]:
    """The regular files in the unit's own drop-in folders."""
    name = os.path.basename(rel)
    folders = dict.fromkeys(
        (rel + b".d", _MASKS.encode() + os.path.basename(os.path.dirname(rel)) + b"/" + name + b".d")
    )
    for folder in folders:
        try:
            fd = ground.target.open_dir(folder)
        except OSError:
            continue
        try:
            for entry in sorted(os.listdir(fd))[:_MOST_DROP_INS]:
                if stat.S_ISREG(os.stat(entry, dir_fd=fd, follow_symlinks=False).st_mode):
                    yield folder + b"/" + os.fsencode(entry)
        finally:
            os.close(fd)
