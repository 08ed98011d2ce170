"""Whether a file of the tool's own can have been written by somebody else, and making folders in which it can't.

`place` is where the status is of: a path, or the descriptor of an open file. Linux tells all by the status; Windows is
asked for the owner and the access list of the place.
"""

import os
import stat
import sys
from pathlib import Path

from codered.system.rights import is_administrator

Place = int | str | Path

if sys.platform == "win32":
    from codered.system.access_lists import CHANGE, EXCHANGE, READ
    from codered.system.windows_files import LINK_TAGS
    from codered.system.windows_security import make_protected_folder, protect_file, read_security, read_user

    MAKE_OURS_ALONE = "icacls /setowner Administrators, /inheritance:r, /remove others"
    KEEP_FROM_READERS = "icacls /inheritance:r, /remove others"
    TAKE_FROM_OTHERS = "icacls /setowner Administrators, /remove others"

    def is_ours(status: os.stat_result, place: Place) -> bool:
        """Whether only we, an administrator or the system can have written it."""
        return _is_kept(status, place, CHANGE)

    def is_owned(_status: os.stat_result, place: Place) -> bool:
        """Whether it belongs to us, the administrators or the system; below the machine's folder of the tool also each
        folder on the way: who made that one may exchange what is in it.
        """
        try:
            user = read_user()
            return all(read_security(each).is_owned(user) for each in (place, *_list_own_folders(place)))
        except (OSError, ValueError):
            return False

    def is_ours_to_write(status: os.stat_result, place: Place) -> bool:
        """The same as `is_ours`: administrators take what they want."""
        return is_ours(status, place)

    def is_ours_alone(status: os.stat_result, place: Place) -> bool:
        """Whether it is ours and nobody else but administrators may read it."""
        return _is_kept(status, place, CHANGE | READ)

    def is_secret(_status: os.stat_result, place: Place) -> bool:
        """Whether nobody but its owner and administrators may read it, whoever that is."""
        return not _lets_others(place, CHANGE | READ)

    def is_open_to_others(status: os.stat_result, place: Place) -> bool:
        """Whether others than its owner may change a file, or exchange what is in a folder; anybody may make new names
        in the usual C:\\ and C:\\ProgramData.
        """
        return _lets_others(place, EXCHANGE if stat.S_ISDIR(status.st_mode) else CHANGE)

    def may_be_foreign(home: Path) -> bool:
        """Whether somebody else may have made or filled a home of ours that is there: in C:\\ProgramData anybody may
        make a folder.
        """
        try:
            return not is_ours(os.lstat(home), home)
        except FileNotFoundError:
            return False

    def name_owner(_status: os.stat_result, place: Place) -> str:
        """Who it belongs to, for people."""
        try:
            return read_security(place).owner
        except (OSError, ValueError):
            return "nobody that could be told"

    def _is_kept(status: os.stat_result, place: Place, mask: int) -> bool:
        """Whether it is ours, no link that leads elsewhere, and gives nobody else these rights."""
        return status.st_reparse_tag not in LINK_TAGS and is_owned(status, place) and not _lets_others(place, mask)

    def _lets_others(place: Place, mask: int) -> bool:
        try:
            return read_security(place).lets_others(mask, read_user())
        except (OSError, ValueError):
            return True

    def _list_own_folders(place: Place) -> list[Path]:
        if isinstance(place, int):
            return []
        path, top = Path(os.path.abspath(place)), shared_home()
        return [each for each in path.parents if each == top or top in each.parents]

    def make_private_folder(path: Path) -> None:
        """A folder, with those above it, to which only we (and administrators) have access; one that is there stays as
        it is. Raises OSError.
        """
        for each in (*reversed(path.absolute().parents), path):
            if not each.is_dir():
                make_protected_folder(each)

    def make_private_file(path: Path) -> None:
        """Take a file that we just made, and that is still empty, from everybody else. Raises OSError."""
        protect_file(path)

else:
    MAKE_OURS_ALONE = "chown, chmod 700"
    KEEP_FROM_READERS = "chmod 600"
    TAKE_FROM_OTHERS = "chown root, chmod go-w"

    def is_ours(status: os.stat_result, place: Place) -> bool:
        """Whether only we or root can have written it."""
        return is_owned(status, place) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)

    def is_owned(status: os.stat_result, _place: Place) -> bool:
        """Whether it belongs to us or root."""
        return status.st_uid in (0, os.geteuid())

    def is_ours_to_write(status: os.stat_result, _place: Place) -> bool:
        """Whether it is our own and nobody else may write to it."""
        return status.st_uid == os.geteuid() and not status.st_mode & 0o022

    def is_ours_alone(status: os.stat_result, _place: Place) -> bool:
        """Whether it is our own and nobody else may read it."""
        return status.st_uid == os.geteuid() and not status.st_mode & 0o077

    def is_secret(status: os.stat_result, _place: Place) -> bool:
        """Whether nobody but its owner and root may read it, whoever that is."""
        return not status.st_mode & 0o077

    def is_open_to_others(status: os.stat_result, _place: Place) -> bool:
        """Whether others than its owner may change it. In a folder like /tmp nobody can move away what is not his."""
        mode = status.st_mode
        if stat.S_ISLNK(mode) or (stat.S_ISDIR(mode) and mode & stat.S_ISVTX):
            return False
        return bool(mode & (stat.S_IWGRP | stat.S_IWOTH))

    def may_be_foreign(_home: Path) -> bool:
        """Never: only root makes folders where root's home is, and everybody his own."""
        return False

    def name_owner(status: os.stat_result, _place: Place) -> str:
        """Who it belongs to, for people."""
        return f"user {status.st_uid}"

    def make_private_folder(path: Path) -> None:
        """A folder, with those above it, to which only we (and administrators) have access; one that is there stays as
        it is. Raises OSError.
        """
        for each in (*reversed(path.absolute().parents), path):
            try:
                each.mkdir(mode=0o700)
            except OSError:  # it is there, maybe where nothing may be made
                if not each.is_dir():
                    raise

    def make_private_file(path: Path) -> None:
        """Take a file that we just made, and that is still empty, from everybody else. Raises OSError."""
        path.chmod(0o600)


def state_home() -> Path:
    """Where the tool keeps what must last when nobody names a place: the machine's for an administrator, else ours."""
    if sys.platform == "win32":
        return _windows_home()
    if is_administrator():
        return Path("/var/lib/codered")
    own = os.environ.get("XDG_STATE_HOME", "")
    return (Path(own) if own.startswith("/") else Path.home() / ".local/state") / "codered"


def cache_home() -> Path:
    """Where the tool keeps what it can make again."""
    if sys.platform == "win32":
        return _windows_home() / "cache"
    if is_administrator():
        return Path("/var/cache/codered")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codered"


def shared_home() -> Path:
    """On Windows the folder that is the machine's own, whoever asks."""
    return Path(os.environ.get("PROGRAMDATA", "C:\\ProgramData")) / "CodeRed"


def _windows_home() -> Path:
    if is_administrator():
        return shared_home()
    return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "codered"
