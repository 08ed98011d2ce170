"""What dpkg has on record for each file of its packages, dealt out in shares. Changed configuration is no matter here:
it is the administrator's.
"""

import heapq
import os
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from codered.collect.dpkg_layout import DpkgLayout
from codered.collect.dpkg_records import (
    CONFFILE,
    FORMAT,
    INFO,
    STATUS,
    SUM,
    RecordReader,
    as_bytes,
    is_cut,
    read_installed,
    read_record,
)
from codered.collect.recorded_files import MOST_FILES, Recorded, Share
from codered.collect.walking import Unwalked

NO_SUMS = "it has files, and its checksums are gone or empty: they can't be verified"
DAMAGED = "its checksums are damaged: a part of its files can't be verified"
TOO_MANY = f"it lists more than {MOST_FILES} files: they were not verified"
CUT_STATUS = "too large: the packages at its end are not verified"
_SIZE = re.compile(rb"^Installed-Size: ([0-9]{1,9})$", re.MULTILINE)
_OF_ONE = 500  # KiB that reading a package's records costs as much as
_MOST_TRIED = 200  # files of a package without checksums that are tried, to see whether it has any


class _Piece(NamedTuple):
    """One of so many `slices` of a package, the number `first`."""

    info: str
    first: int = 0
    slices: int = 1


class DpkgFiles:
    """The files of one share of all packages; what can't be told of them goes to the reader's `unread`."""

    def __init__(self, reader: RecordReader, share: Share) -> None:
        self._reader = reader
        self._layout = DpkgLayout(reader)
        status = read_record(reader, STATUS)
        if is_cut(status) and share.part == 0:
            reader.unread.append(Unwalked(STATUS, "failed", CUT_STATUS))
        self._conffiles = frozenset(self._layout.merge(path[1:]) for path, _ in CONFFILE.findall(status))
        self._pieces = _deal(_read_sizes(status, read_record(reader, FORMAT)), share)
        self.packages = sum(piece.first == 0 for piece in self._pieces)

    def read(self) -> Iterator[Recorded]:
        """The files on record, and folders and links as names without a digest."""
        for piece in self._pieces:
            yield from self._read_package(piece)

    def _read_package(self, piece: _Piece) -> Iterator[Recorded]:
        record = INFO + b"/" + as_bytes(piece.info)
        listed = read_record(self._reader, record + b".list")
        sums = read_record(self._reader, record + b".md5sums")
        if listed.count(b"\n") > MOST_FILES or sums.count(b"\n") > MOST_FILES:
            self._miss(piece, record + b".list", TOO_MANY)
            return
        package = piece.info.partition(":")[0]
        found = {self._layout.merge(path.lstrip(b"/")): digest.decode() for digest, path in SUM.findall(sums)}
        if len(found) < sums.rstrip(b"\n").count(b"\n") + bool(sums.strip()):
            self._miss(piece, record + b".md5sums", f"package {_show(package)}: {DAMAGED}")
        both = dict.fromkeys((*self._layout.split(listed), *found))  # a path that was struck from one is in the other
        names = [path for path in both if path not in self._conffiles and path != b"."]
        if not found and self._has_files(names):
            self._miss(piece, record + b".md5sums", f"package {_show(package)}: {NO_SUMS}")
            return
        for path in _take_slice(names, piece):
            yield Recorded(self._layout.place(path, package), package, found.get(path, ""))

    def _miss(self, piece: _Piece, rel: bytes, why: str) -> None:
        if piece.first == 0:
            self._reader.unread.append(Unwalked(rel, "failed", why))

    def _has_files(self, names: list[bytes]) -> bool:
        above = {name.rpartition(b"/")[0] for name in names}
        leaves = [name for name in names if name not in above]
        return len(leaves) > _MOST_TRIED or any(map(self._is_file, leaves))

    def _is_file(self, rel: bytes) -> bool:
        try:
            os.close(self._reader.target.open_file(rel))
        except (OSError, ValueError):
            return False
        return True


def _read_sizes(status: bytes, form: bytes) -> dict[str, int]:
    """The size (KiB) of each package whose files are there, by the names of their lists."""
    sizes = {}
    for part in status.split(b"\n\n"):
        found = _SIZE.search(part)
        for name, is_there in read_installed(part, form).items():
            if is_there:
                sizes[name] = (int(found[1]) if found else 0) + _OF_ONE
    return sizes


def _deal(sizes: dict[str, int], share: Share) -> list[_Piece]:
    """The pieces of one share: the same for all who deal. Large packages are cut, and the largest pieces go first to
    whoever has least.
    """
    most = max(sum(sizes.values()) // (share.parts * 2), 1)
    pieces = []
    for info, size in sizes.items():
        slices = min(-(-size // most), share.parts)
        pieces += [(size / slices, _Piece(info, number, slices)) for number in range(slices)]
    loads = [(0.0, part) for part in range(share.parts)]
    mine = []
    for weight, piece in sorted(pieces, key=lambda item: (-item[0], item[1])):
        load, part = heapq.heappop(loads)
        heapq.heappush(loads, (load + weight, part))
        if part == share.part:
            mine.append(piece)
    return sorted(mine)


def _take_slice(names: list[bytes], piece: _Piece) -> list[bytes]:
    """The files of the slice. A tree below `node_modules` stays together: as a whole it tells who renewed it."""
    if piece.slices == 1:
        return sorted(names)
    trees = (b"".join(name.partition(b"/node_modules/")[:2]) if b"/node_modules/" in name else name for name in names)
    taken = zip(names, trees, strict=True)
    return sorted(name for name, tree in taken if zlib.crc32(tree) % piece.slices == piece.first)


def _show(package: str) -> str:
    return as_bytes(package).decode(errors="backslashreplace")
