"""Telling a tree that was unpacked or copied: its ctimes are those of the copying and say nothing about the system."""

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from codered.collect.autostart.reading import Reader
from codered.model.persistence import Account, AuthorizedKey, Autostart
from codered.model.target import Target

COPIED = "times of this tree are those of its copying: what is new in it, or changed together, can't be told"
PLACES = (b"", b"etc", b"usr/bin", b"etc/passwd", b"etc/hostname", b"etc/machine-id", b"var/lib/dpkg/status")
FEWEST = 4  # places that must be there to tell
COPYING = timedelta(hours=2).total_seconds()
LIVING = timedelta(days=1).total_seconds()


def is_copied(target: Target) -> bool:
    """Whether an offline root got all its ctimes at once, while its mtimes, which a copy keeps, lie days apart. What is
    opened of an image is always a copy.
    """
    if target.info.kind == "disk_image":
        return True
    if target.info.kind != "offline_root":
        return False
    reader = Reader(target)
    found = [status for place in PLACES if (status := reader.stat(place)) is not None]
    if len(found) < FEWEST:
        return False
    changed = [status.st_ctime for status in found]
    written = [status.st_mtime for status in found]
    return max(changed) - min(changed) <= COPYING and max(written) - min(written) > LIVING


def forget_changes(entries: Iterable[Autostart]) -> tuple[Autostart, ...]:
    """The entries without the times of their copying."""
    return tuple(replace(entry, changed=None) for entry in entries)


def forget_account_changes(accounts: Iterable[Account]) -> tuple[Account, ...]:
    """The accounts without the time of their file; the day of a password stands in the file and stays."""
    return tuple(replace(account, file_changed=None) for account in accounts)


def forget_key_changes(keys: Iterable[AuthorizedKey]) -> tuple[AuthorizedKey, ...]:
    """The keys without the times of their files."""
    return tuple(replace(key, file_changed=None, pair_changed=None) for key in keys)
