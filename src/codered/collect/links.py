"""Where a symbolic link leads, told by names alone: nothing is opened, and no link takes us out of an offline root."""

import os
import stat
from typing import NamedTuple

from codered.model.target import Target

INSIDE = "symbolic link, its target is looked at where it lies"
NOT_FOLLOWED = "symbolic link, not followed"
NOWHERE = "a link to nothing"
OUTSIDE = "a link to a place outside of what is scanned"

MOST_LINKS = 40  # as the kernel: what takes more can't be opened by anybody
MOST_PARTS = 4096  # components on the way, a bound for links made of many `..`
# Folders of the system itself: their packages link to each other by the thousand. What does not belong to root there
# may have been put there by a service that was broken into, so it does not count as the system's.
_SYSTEM = frozenset(
    [b"usr", b"bin", b"sbin", b"lib", b"lib32", b"lib64", b"libx32", b"etc", b"opt", b"var", b"run", b"proc", b"sys",
     b"dev", b"snap", b"boot"]
)  # fmt: skip


class LinkEnd(NamedTuple):
    """Where a link ends: components below the root, what lies there (None: nothing), whether it left the root by `..`
    on its way, and why it can't be told ("" = it can).
    """

    parts: tuple[bytes, ...]
    status: os.stat_result | None
    left_root: bool = False
    trouble: str = ""


class Links:
    """Judges the links of one target; `scanned` are the paths below its root that are looked at."""

    def __init__(self, target: Target, scanned: tuple[bytes, ...]) -> None:
        self._root = target.absolute(b"")
        self._offline = target.info.kind == "offline_root"
        self._scanned = frozenset(scanned)

    def judge(self, folder: bytes, name: bytes, directory: int) -> tuple[bool, str]:
        """Whether the link `name` in the open `directory` (its path is `folder`) leaves a gap, and what to say."""
        try:
            text = os.readlink(name, dir_fd=directory)
        except OSError as error:
            return True, error.strerror or str(error)
        end = self.follow(folder, text)
        if end.trouble and not self._is_system(end):
            return True, f"a link whose target can't be told: {end.trouble}"
        if end.status is None:
            return (True, OUTSIDE) if end.left_root and self._offline else (False, NOWHERE)
        if self._is_scanned(end.parts):
            return False, INSIDE
        if self._is_system(end) or not (stat.S_ISREG(end.status.st_mode) or stat.S_ISDIR(end.status.st_mode)):
            return False, NOT_FOLLOWED
        return True, OUTSIDE

    def covers(self, rel: bytes) -> bool:
        """Whether a path below the root is looked at."""
        return bool(rel) and self._is_scanned(tuple(rel.split(b"/")))

    def follow(self, folder: bytes, text: bytes) -> LinkEnd:
        """Where a link with this text in this folder ends; `folder` itself is free of links. An absolute text starts at
        the target's root, and no `..` leads above it.
        """
        here = [] if text.startswith(b"/") else [part for part in folder.split(b"/") if part]
        todo = text.split(b"/")[::-1]
        status: os.stat_result | None = None
        links, left_root = 1, False
        for _ in range(MOST_PARTS):
            if not todo:
                return LinkEnd(tuple(here), status or os.lstat(self._path(here)), left_root)
            part = todo.pop()
            if part in (b"", b"."):
                continue
            if part == b"..":
                left_root |= not here
                here, status = here[:-1], None
                continue
            try:
                found = os.lstat(self._path([*here, part]))
                if not stat.S_ISLNK(found.st_mode):
                    here, status = [*here, part], found
                    continue
                links += 1
                inner = os.readlink(self._path([*here, part]))
            except (FileNotFoundError, NotADirectoryError):
                return LinkEnd((*here, part), None, left_root)
            except OSError as error:
                return LinkEnd((*here, part), status, left_root, error.strerror or str(error))
            if links > MOST_LINKS:
                return LinkEnd((*here, part), None, left_root)
            here = [] if inner.startswith(b"/") else here
            todo += inner.split(b"/")[::-1]
        return LinkEnd(tuple(here), None, left_root, "too long a way")

    def _path(self, parts: list[bytes]) -> bytes:
        return os.path.join(self._root, *parts)

    def _is_scanned(self, parts: tuple[bytes, ...]) -> bool:
        return any(b"/".join(parts[:size]) in self._scanned for size in range(len(parts) + 1))

    def _is_system(self, end: LinkEnd) -> bool:
        if self._offline or not end.parts or end.parts[0] not in _SYSTEM:
            return False
        return end.status is not None and end.status.st_uid == 0
