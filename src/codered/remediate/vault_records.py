"""What the vault remembers of a place before an action."""

import msgspec

from codered.model.paths import FilePath
from codered.model.plan import FileState, PackageState
from codered.remediate.attributes import Attributes, FolderBefore
from codered.remediate.ntfs_attributes import NtfsBefore


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A file before an action: where it was, its state and attributes (None: nothing was there), how many names it had,
    whether it had holes, its folder, and what NTFS kept beside its content (None: it was not on NTFS).
    """

    action: str
    path: FilePath
    state: FileState
    attributes: Attributes | None
    links: int
    sparse: bool
    folder: FolderBefore
    windows: NtfsBefore | None = None


class LinkBefore(msgspec.Struct, frozen=True, kw_only=True):
    """A symbolic link before an action (`target` None: there was none), its owner and times, and its folder."""

    path: FilePath
    target: FilePath | None
    uid: int
    gid: int
    mtime_ns: int
    atime_ns: int
    folder: FolderBefore


class LinksRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The links of a service before an action."""

    action: str
    links: tuple[LinkBefore, ...]


class KeptPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package in the version before, whose file (`ending` .deb or .rpm) is kept."""

    package: PackageState
    content: FileState
    ending: str


class PackageBefore(msgspec.Struct, frozen=True, kw_only=True):
    """A package before its upgrade, and all that changed with it; nothing is kept if it can't be undone. `new` are
    those that come with it and were not there.
    """

    action: str
    package: PackageState
    kept: tuple[KeptPackage, ...] = ()
    new: tuple[PackageState, ...] = ()


class HiveRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An edit of a registry hive; its pages are kept as a content. `puts_back`: the edit is itself an undoing, by name,
    since the old pages did not fit any more. `logs`: SHA-256 over the transaction logs that it applied too ("" = none).
    """

    action: str
    path: FilePath
    content: FileState
    puts_back: bool = False
    logs: str = ""
