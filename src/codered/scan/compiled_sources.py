"""Compiled Python beside its source: may a change of it be passed over? Python runs what is compiled, not the source,
as long as the header fits.
"""

import os
import stat
from collections.abc import Iterable

from blake3 import blake3

from codered.collect.file_hashing import FileRead, read_file
from codered.collect.walking import Unwalked
from codered.known_good.compiled_python import fits_source, is_compiled, name_source, with_source
from codered.model.known_good import EntryState, FileRecord, FolderRecord
from codered.model.target import Target

AS_SOURCE = "compiled by Python from a source that is looked at itself"
COMPILED = "compiled by Python, which makes it anew"


class CompiledSources:
    """Knows the sources of one target, as they are and as the baseline's folders have them."""

    def __init__(self, target: Target, folders: Iterable[FolderRecord]) -> None:
        self._target = target
        self._folders = {folder.rel: folder for folder in folders}
        self._last: tuple[bytes, dict[bytes, EntryState], dict[bytes, FileRecord]] = (b"\0", {}, {})

    def explains(self, rel: bytes, read: FileRead, before: FileRecord | None = None) -> bool:
        """Whether Python had reason to write this file: it fits the source beside it. Where it was there `before` and
        its source is what it was, it must be too, but for the time that it notes.
        """
        source_rel = name_source(rel) if is_compiled(rel) else b""
        source = self._read(source_rel) if source_rel else None
        if source is None or not fits_source(read.data, source.state.mtime_ns, source.record.size):
            return False
        if before is None:
            return True
        folder, _, name = source_rel.rpartition(b"/")
        states, records = self._look_up(folder)
        if name not in records or records[name].digest != source.record.digest:
            return True  # the source is told itself
        was = states[name]
        return blake3(with_source(read.data, was.mtime_ns, was.size)).digest() == before.digest

    def _read(self, rel: bytes) -> FileRead | None:
        folder, name = os.path.split(rel)
        try:
            directory = self._target.open_dir(folder)
        except OSError:
            return None
        try:
            read = read_file(self._target, directory, name)
        finally:
            os.close(directory)
        return None if isinstance(read, Unwalked) or not stat.S_ISREG(read.record.mode) else read

    def _look_up(self, rel: bytes) -> tuple[dict[bytes, EntryState], dict[bytes, FileRecord]]:
        if self._last[0] != rel:
            folder = self._folders.get(rel)
            self._last = (rel, folder.states(), folder.records()) if folder else (rel, {}, {})
        return self._last[1:]
