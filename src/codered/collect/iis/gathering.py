"""What is collected while the configurations are read, each once and not more than a bound, and the files opened."""

import hashlib
import os
import re
from bisect import bisect_left

from codered.collect.iis.words import SystemFolders
from codered.engine.xml_elements import MOST_BYTES, Element
from codered.model.paths import FilePath, path_from_bytes
from codered.model.target import Target
from codered.model.windows import ConfigPlace, IisItem, IisSeen, VirtualDirectory

MOST_SEEN = 50_000  # virtual directories and items of one server
MOST_NOTES = 1000
_EVIDENCE = 256  # bytes of an element that a report shows
_MOST_TEXT = 4096  # characters of a name or path that are kept


class ConfigText:
    """A configuration file as it was read: its bytes, and where each element of it stands."""

    def __init__(self, path: FilePath, shown: str, data: bytes) -> None:
        self.path = path
        self.shown = shown
        self.data = data
        self.name = shown.replace("/", "\\").rpartition("\\")[2]
        self._ends: list[int] | None = None
        self._hashes: dict[int, str] = {}

    def place(self, element: Element) -> ConfigPlace:
        """Where an element stands; without an end if the text breaks off in it."""
        line = self._line(element.start)
        end = element.end or len(self.data)
        return ConfigPlace(
            path=self.path, shown=self.shown, line=line, last_line=self._line(end - 1) if element.end else 0,
            start=element.start, end=element.end, data=self.data[element.start : min(end, element.start + _EVIDENCE)],
            sha256=self._hash_line(line),
        )  # fmt: skip

    def _line(self, offset: int) -> int:
        """Lines end with a newline byte, in UTF-16 too: a plan counts them like that."""
        return bisect_left(self._line_ends(), offset) + 1

    def _hash_line(self, line: int) -> str:
        """Of each line once: a hostile file may be one long line."""
        if line not in self._hashes:
            ends = self._line_ends()
            start = ends[line - 2] + 1 if line > 1 else 0
            end = ends[line - 1] if line <= len(ends) else len(self.data)
            self._hashes[line] = hashlib.sha256(self.data[start:end]).hexdigest()
        return self._hashes[line]

    def _line_ends(self) -> list[int]:
        if self._ends is None:
            self._ends = [match.start() for match in re.finditer(rb"\n", self.data)]
        return self._ends


class Gathering:
    """All that is seen of one server. `folders` is the system that the configuration being read belongs to."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.version = ""
        self.folders = SystemFolders()
        self.directories: list[VirtualDirectory] = []
        self._items: list[IisItem] = []
        self._logs: dict[str, str] = {}
        self._files: list[FilePath] = []
        self._unread: dict[tuple[str, str], None] = {}
        self._undetermined: dict[tuple[str, str], None] = {}

    def open_text(self, rel: bytes) -> ConfigText | None:
        """A configuration file, whole; None (and said) if it can't be read or is too large."""
        path = path_from_bytes(self.target.absolute(rel))
        shown = self.target.shown(rel) or path.text
        try:
            descriptor = self.target.open_file(rel)
            try:
                size = os.fstat(descriptor).st_size
                data = _read_all(descriptor, MOST_BYTES) if size <= MOST_BYTES else b""
            finally:
                os.close(descriptor)
        except OSError as error:
            self.add_unread(shown, error.strerror or "can't be read")
            return None
        if path in self._files:
            return None  # two names for one file
        self._files.append(path)
        if size > MOST_BYTES:
            self.add_unread(shown, f"larger than {MOST_BYTES >> 20} MiB ({size:,} bytes): it is not read")
            return None
        return ConfigText(path, shown, data)

    def add_directory(self, directory: VirtualDirectory) -> None:
        """A published folder."""
        if self._has_room(directory.place):
            self.directories.append(directory)

    def add_item(self, item: IisItem) -> None:
        """Something it runs or allows."""
        if self._has_room(item.place):
            self._items.append(item)

    def add_logs(self, folder: str) -> None:
        """A folder of logs, as the configuration names it."""
        expanded = self.folders.expand(cut(folder.strip()))
        if expanded and len(self._logs) < MOST_NOTES:
            self._logs.setdefault(expanded.lower().rstrip("\\"), expanded)

    def add_unread(self, where: str, why: str) -> None:
        """What could not be read."""
        if len(self._unread) < MOST_NOTES:
            self._unread[(where, why)] = None

    def add_undetermined(self, where: str, why: str) -> None:
        """What can't be judged from here."""
        if len(self._undetermined) < MOST_NOTES:
            self._undetermined[(where, why)] = None

    def finish(self) -> IisSeen:
        """All of it, in the order of the files."""
        return IisSeen(
            version=self.version,
            directories=tuple(sorted(self.directories, key=lambda item: (item.place.path.text, item.place.start))),
            items=tuple(sorted(self._items, key=lambda item: (item.place.path.text, item.place.start))),
            logs=tuple(self._logs.values()),
            files=tuple(self._files),
            unread=tuple(self._unread),
            undetermined=tuple(self._undetermined),
        )

    def _has_room(self, place: ConfigPlace) -> bool:
        if len(self.directories) + len(self._items) < MOST_SEEN:
            return True
        self.add_unread(place.shown or place.path.text, f"more than {MOST_SEEN:,} entries: the others are not judged")
        return False


def cut(text: str) -> str:
    """A hostile text, bounded."""
    return text[:_MOST_TEXT]


def _read_all(descriptor: int, most: int) -> bytes:
    pieces, left = [], most
    while left and (piece := os.read(descriptor, min(left, 1 << 20))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
