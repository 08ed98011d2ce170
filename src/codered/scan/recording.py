"""Making the records of a baseline: one process reads the files of some folders and hashes them."""

import time

import msgspec

from codered.collect.file_hashing import MOST_KEPT, read_file
from codered.collect.file_states import FolderChain, join, pack_numbers
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.known_good.contents import ContentStore
from codered.model.errors import WrongUse
from codered.model.known_good import EntryState, FileRecord, FolderRecord
from codered.model.target import Target
from codered.scan.baseline_places import is_kept

RECENT_NS = 2_000_000_000  # what changed so shortly before may change again within the same tick of the clock
_encode = msgspec.msgpack.Encoder().encode


class Recorded(msgspec.Struct):
    """Folders with the records of their files, what could not be read (paths below the root), how many files and bytes
    were read, and how many contents were kept, or not for want of room; `trouble` is why a content could not be kept.
    """

    folders: list[FolderRecord] = []
    unread: list[Unwalked] = []
    files: int = 0
    bytes: int = 0
    kept: int = 0
    no_room: int = 0
    trouble: str = ""


class Recorder:
    """Records folders of one target. `packages`: None where nobody asks whose a file is; `store`: None where nothing is
    kept for restoring.
    """

    def __init__(
        self,
        target: Target,
        web_roots: tuple[bytes, ...] = (),
        packages: PackageDatabase | None = None,
        store: ContentStore | None = None,
    ) -> None:
        self._target = target
        self._web_roots = web_roots
        self._packages = packages if packages is not None and packages.known else None
        self._store = store

    def record(self, folders: list[FolderRecord]) -> Recorded:
        """The same folders with what their files are. It ends where a content can't be kept."""
        done = Recorded()
        chain = FolderChain(self._target)
        try:
            for folder in folders:
                self._record_folder(folder, chain, done)
        except WrongUse as error:
            done.trouble = error.what
        finally:
            chain.close()
        return done

    def _record_folder(self, folder: FolderRecord, chain: FolderChain, done: Recorded) -> None:
        try:
            directory = chain.open(folder.rel)
        except OSError as error:
            done.unread.append(Unwalked(folder.rel, "failed", error.strerror or str(error)))
            return
        names: list[bytes] = []
        numbers: list[int] = []
        files: list[FileRecord] = []
        recent = time.time_ns() - RECENT_NS
        for name in folder.names.split(b"/") if folder.names else ():
            read = read_file(self._target, directory, name)
            rel = join(folder.rel, name)
            if isinstance(read, Unwalked):
                done.unread.append(Unwalked(rel, read.state, read.why))
                continue
            names.append(name)
            numbers += forget_recent(read.state, recent)
            files.append(self._complete(rel, read.record, read.data, done))
            done.files += 1
            done.bytes += read.record.size if read.record.digest else 0
        packed = pack_numbers(numbers)
        done.folders.append(FolderRecord(folder.rel, b"/".join(names), packed, _encode(files), folder.only))

    def _complete(self, rel: bytes, record: FileRecord, data: bytes, done: Recorded) -> FileRecord:
        """With its package, and its content kept if it is one of those."""
        package = self._packages.owner(rel) if self._packages is not None else ""
        sha256 = b""
        if self._store is not None and record.digest and is_kept(rel, self._web_roots) and record.size <= MOST_KEPT:
            if self._store.has_room(record.size):
                sha256 = bytes.fromhex(self._store.put(data))
                done.kept += 1
            else:
                done.no_room += 1
        if not package and not sha256:
            return record
        return msgspec.structs.replace(record, package=package, sha256=sha256)


def forget_recent(state: EntryState, recent: int) -> EntryState:
    """Without the change time if that is later than `recent`: the file will be read again at the next look."""
    return state._replace(ctime_ns=0) if state.ctime_ns > recent else state
