"""Target: where we look. What a target can't offer is an `Unsupported(reason)`, never an empty list.

To add a kind of target: a file in targets/ with a class of this shape, and a branch in `targets.open_target`.
"""

from collections.abc import Iterable
from typing import Literal, Protocol, runtime_checkable

import msgspec

from codered.model.windows import WindowsSystem

TargetKind = Literal[
    "live_linux", "live_windows", "offline_root", "disk_image", "log_files", "memory_dump", "traffic_files"
]
Capability = Literal["files", "logs", "processes", "registry", "network", "memory", "live", "autostart", "accounts"]


class Volume(msgspec.Struct, frozen=True):
    """A folder that is a Windows volume: `prefix` is its path below the target's root ("" = the root itself, no
    leading or trailing slash), `drive` its letter (upper case).
    """

    prefix: str
    drive: str


class FolderEntry(msgspec.Struct, frozen=True):
    """What a folder lists: `why` says of a "link" or "other" what it is and why it is passed over; `is_gap`: it should
    have been looked at. `leads_to` is where a link leads, below the root (b"" = not told).
    """

    name: bytes
    kind: Literal["file", "folder", "link", "other"]
    why: str = ""
    is_gap: bool = False
    leads_to: bytes = b""


class Place(msgspec.Struct, frozen=True):
    """A group of absolute paths to look at, and what they are to the user ("web roots")."""

    what: str
    paths: tuple[str, ...]


class Unsupported(msgspec.Struct, frozen=True):
    """Why a target or this version can't offer a capability, in words for the user."""

    capability: Capability
    reason: str


class TargetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a target is. `root` is an absolute path on the machine that runs the tool: a folder, or the file of a dump
    or disk image (what lies in an image has paths below that, as if it were a folder); "" on live Windows, where
    paths start with a drive. `windows` is which Windows it is, `evidence` the SHA-256 of an image ("" = not taken).
    """

    kind: TargetKind
    root: str
    host: str = ""
    system: Literal["linux", "windows", "unknown"] = "unknown"
    offers: tuple[Capability, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    volumes: tuple[Volume, ...] = ()
    windows: WindowsSystem | None = None
    evidence: str = ""


class OpenFolder(Protocol):
    """A folder that is held open, so that its files are opened in this very folder."""

    @property
    def descriptor(self) -> int:
        """The directory descriptor; -1 on a target that has none."""
        ...

    @property
    def device(self) -> int:
        """The number of the file system it lies on; 0 = none."""
        ...

    def open(self, name: bytes) -> int:
        """As `Target.open_file`, for a name in it; the caller checks that it is regular. Raises OSError."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class Target(Protocol):
    """The read side. All `rel` paths are bytes below the root, `/`-separated, no leading slash, "" = the root."""

    @property
    def info(self) -> TargetInfo:
        """What this target is and offers."""
        ...

    def open_dir(self, rel: bytes) -> int:
        """A directory descriptor, reached component by component without following a link. Raises OSError, on a target
        without such descriptors (a `ListingTarget`) always.
        """
        ...

    def open_folder(self, rel: bytes) -> OpenFolder:
        """The folder, for opening the files in it; works on every target with files. Raises OSError."""
        ...

    def open_file(self, rel: bytes) -> int:
        """A read-only descriptor of a regular file, reached as in `open_dir`; never blocks on a fifo, does not touch
        atime where allowed. Raises OSError (also when the last component is a link or not a regular file).
        """
        ...

    def open_at(self, directory: int, name: bytes) -> int:
        """As `open_file`, for a name in a directory that `open_dir` opened; the caller checks that it is regular."""
        ...

    def absolute(self, rel: bytes) -> bytes:
        """The path on the machine that runs the tool."""
        ...

    def shown(self, rel: bytes) -> str | None:
        """The name the examined system itself uses, e.g. `C:\\inetpub\\x.asp`; None when it is the same path."""
        ...

    def find(self, path: str) -> list[bytes]:
        """Where the examined system's own `path` may lie (`?:\\x` = on any drive), as paths below the root."""
        ...


@runtime_checkable
class ListingTarget(Target, Protocol):
    """A target without directory descriptors (an image, live Windows): it lists its folders itself."""

    def list_folder(self, rel: bytes) -> Iterable[FolderEntry]:
        """What lies in a folder. Raises NotADirectoryError for a file, OSError."""
        ...


@runtime_checkable
class CopyingTarget(Target, Protocol):
    """A target whose descriptors are copies of its files (an image): the times of a copy say nothing of the file."""

    def written(self, rel: bytes) -> float:
        """When the file at `rel` was last written to, in seconds since the epoch. Raises OSError."""
        ...


class ChangeableTarget(Target, Protocol):
    """The write side: a target whose files may be changed, all through descriptors from `open_dir`."""

    @property
    def changeable(self) -> Literal[True]:
        """Marks the write side; a target without it is refused by applying."""
        ...
