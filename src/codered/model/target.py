"""Target: where we look. What a target can't offer is an `Unsupported(reason)`, never an empty list.

To add a kind of target: a file in targets/ with a class of this shape, and a branch in `targets.open_target`.
"""

from typing import Literal, Protocol

import msgspec

TargetKind = Literal["live_linux", "offline_root", "log_files", "memory_dump", "traffic_files"]
Capability = Literal["files", "logs", "processes", "registry", "network", "memory", "live", "autostart", "accounts"]


class Volume(msgspec.Struct, frozen=True):
    """A folder that is a Windows volume: `prefix` is its path below the target's root ("" = the root itself, no
    leading or trailing slash), `drive` its letter (upper case).
    """

    prefix: str
    drive: str


class Place(msgspec.Struct, frozen=True):
    """A group of absolute paths to look at, and what they are to the user ("web roots")."""

    what: str
    paths: tuple[str, ...]


class Unsupported(msgspec.Struct, frozen=True):
    """Why a target or this version can't offer a capability, in words for the user."""

    capability: Capability
    reason: str


class TargetInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a target is. `root` is an absolute path on the machine that runs the tool."""

    kind: TargetKind
    root: str
    host: str = ""
    system: Literal["linux", "windows", "unknown"] = "unknown"
    offers: tuple[Capability, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    volumes: tuple[Volume, ...] = ()


class Target(Protocol):
    """The read side. All `rel` paths are bytes below the root, `/`-separated, no leading slash, "" = the root."""

    @property
    def info(self) -> TargetInfo:
        """What this target is and offers."""
        ...

    def open_dir(self, rel: bytes) -> int:
        """A directory descriptor, reached component by component without following a link. Raises OSError."""
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


class ChangeableTarget(Target, Protocol):
    """The write side: a target whose files may be changed, all through descriptors from `open_dir`."""

    @property
    def changeable(self) -> Literal[True]:
        """Marks the write side; a target without it is refused by applying."""
        ...
