"""One file system in an image: its folders as tables of names, and the content of its files."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from codered.model.target import FolderEntry
from codered.targets.images.attributes import (
    PASSED_OVER,
    Attributes,
    Content,
    is_windows_own,
    read_attributes,
    read_reparse,
    read_short_name,
)
from codered.targets.images.copying import copy_out
from codered.targets.images.partitions import Partition
from codered.targets.images.shapes import TskFile, TskImage

SYSTEM_RECORD = "a record of the file system itself"
PAGED_OUT = "memory that was paged out: look at it with --memory"
ODD_NAME = "a name that no file may have (with `/` or NUL): it can't be named, so it can't be looked at"
TWICE = "a second file of the same name in this folder: only the first is looked at"
NO_RECORD = "its record can't be read, or belongs to another file now"
NO_CONTENT = "its content can't be found in its record (damaged, or a hole larger than the volume)"
NOT_REGULAR = "not a regular file (device, socket or fifo)"
ORPHANS = "deleted files: see --deleted"
ALSO_HERE = "already looked at by another name"
_DELETED_NAME, _ALLOCATED = 2, 1
_REGULAR, _DIRECTORY, _LINK, _VIRTUAL, _VIRTUAL_DIRECTORY = 1, 2, 6, 10, 11
_EXTEND, _FIRST_FREE = 11, 24  # MFT records: of the folder $Extend, and the first that users' files have
_LEAST_PAGED = 1 << 20  # bytes; what is smaller can't be a paging file
_PROGRAM = b"MZ"


class Located(NamedTuple):
    """A name in a folder: `kind` as of FolderEntry; the `inode` and which of its attributes holds the content (None =
    the file's only one); `trouble`: why a file can't be opened; `leads`: where a link leads.
    """

    kind: str
    inode: int
    size: int = 0
    content: Content | None = None
    why: str = ""
    is_gap: bool = False
    trouble: str = ""
    changed: int = 0
    leads: str = ""


class Table(msgspec.Struct, frozen=True):
    """A folder: the names in it, those that are not there to be opened, and the names of deleted files."""

    names: dict[bytes, Located]
    odd: list[FolderEntry] = []
    deleted: dict[bytes, Located] = {}


class VolumeReader:
    """A file system that TSK has opened. Raises OSError if it can't."""

    def __init__(self, image: TskImage, partition: Partition) -> None:
        import pytsk3

        self._system = pytsk3.FS_Info(image, offset=partition.start)
        self._is_ntfs = partition.kind.name == "NTFS"
        self._block_size = int(self._system.info.block_size)
        self.root = int(self._system.info.root_inum)

    def read_folder(self, inode: int) -> Table:
        """What lies in the folder. Raises OSError; what was read up to an error is lost."""
        table = Table({}, [], {})
        for name, located in self._read_names(inode):
            self._add(table, name, located)
        if self._is_ntfs and inode == self.root:
            for name, located in self._streams_of(b"", self._system.open_meta(inode=inode)):
                self._add(table, name, located)
        return table

    def read_orphans(self) -> dict[bytes, Located]:
        """The deleted files of an NTFS volume that no folder names; to find those of others takes too long. Raises
        OSError.
        """
        return self.read_folder(int(self._system.info.last_inum)).deleted if self._is_ntfs else {}

    def open_content(self, located: Located) -> int:
        """A descriptor of a file's content. Raises OSError."""
        if located.trouble:
            raise OSError(located.trouble)
        file = self._system.open_meta(inode=located.inode)
        return copy_out(file, located.content, located.size, self._block_size)

    def short_name(self, inode: int) -> str:
        """The 8.3 name of an NTFS file, "" if it has none or that can't be read."""
        if not self._is_ntfs:
            return ""
        try:
            return read_short_name(self._system.open_meta(inode=inode))
        except OSError:
            return ""

    def _add(self, table: Table, name: bytes, located: Located) -> None:
        if located.why == ORPHANS:  # a folder of TSK, not of the volume, which may have one of this name
            table.odd.append(FolderEntry(name, "other", ORPHANS))
        elif located.kind == "deleted":
            table.deleted.setdefault(name, located)
        elif not name or b"/" in name or b"\0" in name or name in (b".", b".."):
            shown = name.replace(b"/", b"?").replace(b"\0", b"?") or b"?"
            table.odd.append(FolderEntry(shown if shown.strip(b".") else b"?", "other", ODD_NAME, is_gap=True))
        elif name in table.names:
            if located.inode != table.names[name].inode:
                table.odd.append(FolderEntry(name, "other", TWICE, is_gap=True))
        else:
            table.names[name] = located

    def _read_names(self, inode: int) -> Iterator[tuple[bytes, Located]]:
        for file in self._system.open_dir(inode=inode):
            info = file.info.name
            name, number = bytes(info.name or b""), int(info.meta_addr)
            if int(info.flags) & _DELETED_NAME:
                yield name, self._locate_deleted(file, number)
            elif (name == b"." and number == inode) or (name == b".." and int(info.type) not in (5, 0)):
                continue
            else:
                yield from self._locate(name, number, file, inode)

    def _locate(self, name: bytes, number: int, file: TskFile, folder: int) -> Iterator[tuple[bytes, Located]]:
        meta = file.info.meta
        if (passed := self._pass_over(name, number, folder, int(meta.type) if meta else 0)) is not None:
            yield name, passed
            return
        if meta is None:
            yield name, Located("other", number, why=NO_RECORD, is_gap=True)
            return
        kind, changed = int(meta.type), int(meta.mtime or 0) * 1_000_000_000 + int(meta.mtime_nano or 0)
        if not self._is_ntfs:
            plain = _locate_plain(number, kind, int(meta.size), changed, meta.link)
            yield name, self._judge_paged(name, folder, plain, file)
            return
        try:
            found = read_attributes(file)
        except OSError as error:
            trouble = _first_line(error)
            located = Located("file" if kind != _DIRECTORY else "folder", number, trouble=trouble, changed=changed)
            yield name, located
            return
        yield name, self._judge_paged(name, folder, self._locate_ntfs(number, kind, file, found, changed), file)
        yield from _list_streams(name, number, file, found, changed)

    def _locate_ntfs(self, number: int, kind: int, file: TskFile, found: Attributes, changed: int) -> Located:
        if found.reparse >= 0:
            tag, leads = read_reparse(file, found)
            rule = PASSED_OVER.reparse.get(tag)
            if rule is not None and rule.link:
                return Located("link", number, leads=leads)
            if rule is not None and rule.passed:
                return Located("other", number, why=rule.passed)
            if rule is not None:
                return Located("file", number, trouble=rule.why)
        if kind == _DIRECTORY:
            return Located("folder", number)
        if found.content is None:
            return Located("file", number, trouble=NO_CONTENT)
        return Located("file", number, found.content.size, found.content, changed=changed)

    def _streams_of(self, name: bytes, file: TskFile) -> Iterator[tuple[bytes, Located]]:
        yield from _list_streams(name, int(file.info.meta.addr), file, read_attributes(file), 0)

    def _pass_over(self, name: bytes, number: int, folder: int, kind: int) -> Located | None:
        """What is not looked at by rule, None of all else."""
        if kind == _VIRTUAL_DIRECTORY:
            return Located("other", number, why=ORPHANS)
        if kind == _VIRTUAL:
            return Located("other", number, why=SYSTEM_RECORD)
        text = name.decode(errors="replace")
        if self._is_ntfs and folder == self.root and PASSED_OVER.records.get(text) == number:
            return Located("other", number, why=SYSTEM_RECORD)
        if self._is_ntfs and folder == _EXTEND and text in PASSED_OVER.extend:
            return Located("other", number, why=SYSTEM_RECORD)
        return None

    def _judge_paged(self, name: bytes, folder: int, located: Located, file: TskFile) -> Located:
        """The file itself, or that it is one to which memory is paged out: by more than its name, which is free."""
        if folder != self.root or located.kind != "file" or located.trouble or located.size < _LEAST_PAGED:
            return located
        if name.decode(errors="replace").lower() not in PASSED_OVER.paged:
            return located
        content = located.content
        try:
            start = file.read_random(0, 2, content.type, content.id) if content else file.read_random(0, 2)
        except OSError:
            return located
        return located if start == _PROGRAM else Located("other", located.inode, why=PAGED_OUT)

    def _locate_deleted(self, file: TskFile, number: int) -> Located:
        """A deleted file, if its record is not another file's by now: NTFS counts a record on when it frees it."""
        meta, sequence = file.info.meta, int(file.info.name.meta_seq)
        try:
            if meta is None and self._is_ntfs and number >= _FIRST_FREE:
                file = self._system.open_meta(inode=number)
                meta = file.info.meta if file.info.meta.seq - sequence in (0, 1) or not sequence else None
            if meta is None or int(meta.flags) & _ALLOCATED or int(meta.type) != _REGULAR:
                return Located("deleted", number, trouble=NO_RECORD)
            content = read_attributes(file).content if self._is_ntfs else None
        except OSError as error:
            return Located("deleted", number, trouble=_first_line(error))
        changed = int(meta.mtime or 0) * 1_000_000_000
        return Located("deleted", number, content.size if content else int(meta.size), content, changed=changed)


def _locate_plain(number: int, kind: int, size: int, changed: int, link: bytes | None) -> Located:
    """A file of a file system that has neither streams nor reparse points."""
    if kind == _DIRECTORY:
        return Located("folder", number)
    if kind == _LINK:
        return Located("link", number, leads=bytes(link or b"").decode(errors="backslashreplace"))
    if kind == _REGULAR:
        return Located("file", number, size, changed=changed)
    return Located("other", number, why=NOT_REGULAR)


def _list_streams(
    name: bytes, number: int, file: TskFile, found: Attributes, changed: int
) -> Iterator[tuple[bytes, Located]]:
    for stream, content in found.streams:
        if not is_windows_own(file, found, stream, content):
            yield name + b":" + stream, Located("file", number, content.size, content, changed=changed)


def _first_line(error: OSError) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0][:200]
