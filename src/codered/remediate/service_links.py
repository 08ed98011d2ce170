"""The symbolic links that switch a service on or mask it: read, changed one by one, and brought back exactly."""

import errno
import os
from contextlib import suppress

from codered.model.paths import FilePath, path_from_bytes
from codered.model.plan import Action, LinksState, LinkState
from codered.model.target import Target
from codered.remediate.attributes import read_folder, restore_folder_times
from codered.remediate.file_state import ChangeFailed, Spot, open_spot
from codered.remediate.vault_records import LinkBefore, LinksRecord

NO_SUCH_LINK = "its links are not the same"


def read_link(path: FilePath, target: Target) -> LinkState:
    """What link stands there now, if any: a file or a folder in its place is no link. Raises OSError, Refused."""
    try:
        with open_spot(path, target) as spot:
            return LinkState(path=path, target=_lead(spot))
    except FileNotFoundError:
        return LinkState(path=path)


def read_links(wanted: LinksState, target: Target) -> LinksState:
    """The links in these places as they are now. Raises OSError, Refused."""
    return LinksState(links=tuple(read_link(link.path, target) for link in wanted.links))


def remember_link(link: LinkState, target: Target) -> LinkBefore:
    """All that bringing it back needs. Raises ChangeFailed if it is not as expected, OSError."""
    with open_spot(link.path, target) as spot:
        if _lead(spot) != link.target:
            raise ChangeFailed(NO_SUCH_LINK)
        uid = gid = mtime = atime = 0
        if link.target is not None:
            seen = os.stat(spot.name, dir_fd=spot.dir_fd, follow_symlinks=False)
            uid, gid, mtime, atime = seen.st_uid, seen.st_gid, seen.st_mtime_ns, seen.st_atime_ns
        folder = read_folder(spot.dir_fd)
    return LinkBefore(
        path=link.path, target=link.target, uid=uid, gid=gid, mtime_ns=mtime, atime_ns=atime, folder=folder
    )


def set_link(before: LinkState, after: LinkState, target: Target) -> None:
    """Take a link away or put one where nothing is; done already is well. Raises ChangeFailed, OSError."""
    with open_spot(before.path, target) as spot:
        now = _lead(spot)
        if now == after.target:
            return
        if now != before.target:
            raise ChangeFailed(NO_SUCH_LINK)
        _put(spot, now, after.target)


def return_link(before: LinkBefore, made: LinkState, target: Target) -> None:
    """Bring a link back as it was, in place of what was made. Raises ChangeFailed, OSError."""
    with open_spot(before.path, target) as spot:
        now = _lead(spot)
        if now != before.target:
            if now != made.target:
                raise ChangeFailed(NO_SUCH_LINK)
            _put(spot, now, before.target)
        if before.target is None:
            return
        seen = os.stat(spot.name, dir_fd=spot.dir_fd, follow_symlinks=False)
        if (seen.st_uid, seen.st_gid) != (before.uid, before.gid):
            os.chown(spot.name, before.uid, before.gid, dir_fd=spot.dir_fd, follow_symlinks=False)
        if seen.st_mtime_ns != before.mtime_ns:
            times = (before.atime_ns, before.mtime_ns)
            os.utime(spot.name, ns=times, dir_fd=spot.dir_fd, follow_symlinks=False)


def return_folder(before: LinkBefore, target: Target) -> None:
    """Give the link's folder its times back. Raises OSError."""
    with suppress(FileNotFoundError), open_spot(before.path, target) as spot:
        restore_folder_times(spot.dir_fd, before.folder)


def links_of(action: Action) -> tuple[LinksState, LinksState]:
    """The links before and after an action. Raises ChangeFailed if the plan does not say of every one."""
    before, after = action.expects, action.becomes
    if not isinstance(before, LinksState) or after is None:
        raise ChangeFailed("the plan does not say what the links become")
    if [link.path for link in before.links] != [link.path for link in after.links]:
        raise ChangeFailed("the plan does not say of every link what it becomes")
    return before, after


def set_links(action: Action, target: Target) -> None:
    """Every link of the action as the plan wants it. Raises ChangeFailed, OSError."""
    for old, new in zip(*(state.links for state in links_of(action)), strict=True):
        set_link(old, new, target)


def return_links(action: Action, record: LinksRecord, target: Target) -> None:
    """Every link and the times of its folder as they were. Raises ChangeFailed, OSError."""
    made = {link.path: link for link in links_of(action)[1].links}
    for link in record.links:
        if link.path not in made:
            raise ChangeFailed("the vault remembers other links than the plan names")
        return_link(link, made[link.path], target)
    for link in record.links:
        return_folder(link, target)


def _lead(spot: Spot) -> FilePath | None:
    try:
        return path_from_bytes(os.readlink(spot.name, dir_fd=spot.dir_fd))
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINVAL):
            return None
        raise


def _put(spot: Spot, now: FilePath | None, wanted: FilePath | None) -> None:
    if now is not None:
        os.unlink(spot.name, dir_fd=spot.dir_fd)
    if wanted is not None:  # refused by the kernel if anything stands there
        os.symlink(wanted.to_bytes(), spot.name, dir_fd=spot.dir_fd)
    os.fsync(spot.dir_fd)
