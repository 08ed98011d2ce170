"""The Windows host the tool runs on."""

import errno
import os
import socket
import stat
from collections.abc import Iterator
from typing import Literal

from codered.model.target import Capability, FolderEntry, TargetInfo, TargetKind, Unsupported, Volume
from codered.system.descriptors import READ_FILE
from codered.system.folders import open_in
from codered.system.rights import is_administrator
from codered.system.windows_files import (
    CONTENT_TAGS,
    ELSEWHERE_TAGS,
    LINK_TAGS,
    check_folder,
    hold_folder,
    list_drives,
    list_streams,
    open_shared,
)
from codered.targets.compatibility_junctions import is_compatibility_junction
from codered.targets.windows_names import find_windows_path

LINK = "a link, not followed"
ODD_POINT = "a reparse point of an unknown kind: it was not opened"
KEPT_ELSEWHERE = "kept in the cloud or on a tape: reading it would fetch it"
NO_STREAM_LIST = "its alternate streams can't be listed"
STREAM_MARK = ":"
_LONG = "\\\\?\\"
_ELSEWHERE = 0x40000 | 0x400000  # fetched when opened, when read; anybody may call a file offline (0x1000)
_OF_THE_SYSTEM = 0x2 | 0x4 | 0x2000  # hidden, system, not indexed: the junctions that an installation brings
_FILES: tuple[Capability, ...] = ("files", "logs", "live")
_ALL: tuple[Capability, ...] = (*_FILES, "processes", "memory", "registry", "autostart", "accounts")
_NETWORK = Unsupported("network", "the network behaviour of a Windows host is not watched by this version")
_NOT_ELEVATED = Unsupported(
    "processes", "not run as administrator: other users' processes, memory and parts of the registry stay unseen"
)


def rel_of(path: str) -> bytes:
    """`C:/inetpub/x` for a Windows path."""
    return os.fsencode(path.removeprefix(_LONG).replace("\\", "/").rstrip("/"))


class LiveFolder:
    """A folder that was reached without a link; implements `model.target.OpenFolder`."""

    def __init__(self, path: str) -> None:
        check_folder(path)
        self._path = path

    @property
    def descriptor(self) -> int:
        """None: Windows has no descriptors of folders to open files by."""
        return -1

    @property
    def device(self) -> int:
        """See `model.target.OpenFolder`."""
        return 0

    def open(self, name: bytes) -> int:
        """See `model.target.OpenFolder`. That no link is on the way is told by the opened file itself."""
        return open_shared(os.path.join(self._path, os.fsdecode(name)))

    def close(self) -> None:
        """Nothing is held."""


class LiveWindows:
    """The host itself; paths below its "root" start with the drive: `C:/inetpub/x`. Without a scope it is the whole
    host. Implements `model.target.ListingTarget` and `ChangeableTarget`. `drives` are folders by drive letter.
    """

    def __init__(
        self, scope: tuple[bytes, ...] = (), kind: TargetKind = "live_windows", drives: dict[str, str] | None = None
    ) -> None:
        found = {letter: f"{_LONG}{letter}:\\" for letter in list_drives()} if drives is None else drives
        self._drives = found
        self._info = TargetInfo(
            kind=kind,
            root="",
            host=socket.gethostname() if kind == "live_windows" else "",
            system="windows",
            offers=_FILES if scope else _ALL,
            unsupported=() if scope else (_NETWORK, *(() if is_administrator() else (_NOT_ELEVATED,))),
            volumes=tuple(Volume(f"{letter}:", letter) for letter in sorted(found)),
        )

    @property
    def info(self) -> TargetInfo:
        """What this target is and offers."""
        return self._info

    @property
    def changeable(self) -> Literal[True]:
        """Its files may be changed."""
        return True

    def open_dir(self, rel: bytes) -> int:
        """A descriptor that keeps the folder, and the way to it, from being renamed. Raises OSError."""
        return hold_folder(self.local(rel))

    def open_at(self, directory: int, name: bytes) -> int:
        """A descriptor of a file in a folder that `open_dir` opened. Raises OSError."""
        return open_in(directory, name, READ_FILE)

    def open_folder(self, rel: bytes) -> LiveFolder:
        """See `model.target.Target`."""
        return LiveFolder(self.local(rel))

    def open_file(self, rel: bytes) -> int:
        """See `model.target.Target`."""
        return open_shared(self.local(rel))

    def list_folder(self, rel: bytes) -> Iterator[FolderEntry]:
        """See `model.target.ListingTarget`: alternate streams are files too, named `file:stream`."""
        path = self.local(rel)
        check_folder(path)
        with os.scandir(path) as entries:
            for entry in entries:
                yield self._judge_entry(rel, entry)
                try:
                    for stream in list_streams(entry.path):
                        yield FolderEntry(os.fsencode(entry.name + STREAM_MARK + stream), "file")
                except OSError as error:
                    why = f"{NO_STREAM_LIST}: {error.strerror or error}"
                    yield FolderEntry(os.fsencode(entry.name), "other", why, is_gap=True)

    def absolute(self, rel: bytes) -> bytes:
        """`C:\\inetpub\\x`."""
        path = rel.replace(b"/", b"\\")
        return path + b"\\" if len(path) == 2 else path

    def shown(self, rel: bytes) -> str | None:
        """The same, as text: what on Windows is a file's only name."""
        return self.absolute(rel).decode(errors="replace")

    def find(self, path: str) -> list[bytes]:
        """See `model.target.Target`."""
        if "\\" not in path:
            return []
        return [rel for volume in self._info.volumes for rel in find_windows_path(self, volume, path)]

    def local(self, rel: bytes) -> str:
        """What the system opens it by: no length is too long, and a name like `con` or `x.` is itself. Raises OSError
        for a drive that is none of the host's fixed ones.
        """
        drive, *parts = os.fsdecode(rel).split("/")
        folder = self._drives.get(drive.removesuffix(":").upper())
        if folder is None or len(drive) != 2 or any(part in ("", ".", "..") for part in parts):
            raise OSError(errno.ENOENT, "not on a fixed drive of this host")
        return os.path.join(folder, *parts)

    def _judge_entry(self, folder: bytes, entry: "os.DirEntry[str]") -> FolderEntry:
        name = os.fsencode(entry.name)
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            return FolderEntry(name, "other", error.strerror or str(error), is_gap=True)
        tag, attributes = getattr(status, "st_reparse_tag", 0), getattr(status, "st_file_attributes", 0)
        if entry.is_symlink() or tag in LINK_TAGS:
            leads = _read_link(entry.path)
            is_usual = attributes & _OF_THE_SYSTEM == _OF_THE_SYSTEM and is_compatibility_junction(folder, leads)
            return FolderEntry(name, "link", LINK, is_gap=not is_usual, leads_to=leads)
        if attributes & _ELSEWHERE or tag in ELSEWHERE_TAGS:
            return FolderEntry(name, "other", KEPT_ELSEWHERE, is_gap=True)
        if tag and tag not in CONTENT_TAGS:
            return FolderEntry(name, "other", f"{ODD_POINT} ({tag:#x})", is_gap=True)
        if stat.S_ISDIR(status.st_mode):
            return FolderEntry(name, "folder")
        return FolderEntry(name, "file" if stat.S_ISREG(status.st_mode) else "other", "not a regular file")


def _read_link(path: str) -> bytes:
    """Where a link leads, as a path below the root; b"" if that can't be told."""
    try:
        text = os.readlink(path)
    except (OSError, ValueError):
        return b""
    return rel_of(os.path.normpath(os.path.join(os.path.dirname(path), text)))
