"""Writing an initramfs: a cpio archive of the "newc" form, compressed with zstd. It is written file by file."""

import os
import stat
from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

import zstandard

LEVEL = 6  # of zstd: made quickly, and unpacked quickly even where the processor is emulated
_PIECE = 1 << 20


class Entry(NamedTuple):
    """What goes in: `name` without a leading slash, `source` the file it is copied from ("" = a folder), or a link's
    target, or `data`.
    """

    name: str
    source: str = ""
    link: str = ""
    data: bytes | None = None
    mode: int = 0


def write_initramfs(entries: Iterable[Entry], into: BinaryIO) -> int:
    """Write the archive of these entries, with the folders they need; the bytes before compression. Raises OSError."""
    with zstandard.ZstdCompressor(level=LEVEL, threads=-1).stream_writer(into, closefd=False) as out:
        archive = _Archive(out)
        for entry in entries:
            archive.add(entry)
        return archive.finish()


class _Archive:
    def __init__(self, out: "zstandard.ZstdCompressionWriter") -> None:
        self._out = out
        self._number = 0
        self._size = 0
        self._folders: set[str] = set()
        self._names: set[str] = set()

    def add(self, entry: Entry) -> None:
        if entry.name in self._names:
            return
        self._names.add(entry.name)
        self._add_folders(entry.name)
        if entry.link:
            self._write(entry.name, stat.S_IFLNK | 0o777, entry.link.encode())
        elif entry.data is not None:
            self._write(entry.name, stat.S_IFREG | (entry.mode or 0o644), entry.data)
        elif entry.source:
            self._copy(entry)
        else:
            self._folders.add(entry.name)
            self._write(entry.name, stat.S_IFDIR | 0o755, b"")

    def finish(self) -> int:
        self._write("TRAILER!!!", 0, b"")
        return self._size

    def _add_folders(self, name: str) -> None:
        folder = os.path.dirname(name)
        if folder and folder not in self._folders:
            self._add_folders(folder)
            self._folders.add(folder)
            self._write(folder, stat.S_IFDIR | 0o755, b"")

    def _copy(self, entry: Entry) -> None:
        with open(entry.source, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            mode = 0o755 if entry.mode & 0o111 or os.fstat(file.fileno()).st_mode & 0o111 else 0o644
            self._head(entry.name, stat.S_IFREG | mode, size)
            left = size
            while left and (piece := file.read(min(_PIECE, left))):
                self._put(piece)
                left -= len(piece)
            if left:
                raise OSError(f"{entry.source} got shorter while it was read")
            self._put(bytes(-size % 4))

    def _write(self, name: str, mode: int, data: bytes) -> None:
        self._head(name, mode, len(data))
        self._put(data + bytes(-len(data) % 4))

    def _head(self, name: str, mode: int, size: int) -> None:
        self._number += 1
        raw = name.encode() + b"\0"
        fields = (self._number, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(raw), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + raw
        self._put(head + bytes(-len(head) % 4))

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._size += len(data)
