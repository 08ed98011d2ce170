"""A baseline as a scan asks it. Apart from the scan, which is not to load the hashing of baselines for nothing."""

import os

import msgspec
from blake3 import blake3

from codered.model.known_good import Baseline, Deviation, FileRecord, FolderRecord
from codered.model.target import Target
from codered.scan.baselining import FILES, CompareRequest, compare_system
from codered.scan.doubted_times import why_read_all
from codered.scan.tasks import Counted

NOT_HELD = "not in the baseline: it could not be read"
_PIECE = 1 << 20
MOST_BYTES = 4 << 30


class BaselineLook:
    """Implements `scan.request.KnownGood` for one baseline; `own` are the tool's own folders below the root."""

    def __init__(self, baseline: Baseline, own: tuple[bytes, ...] = ()) -> None:
        self._baseline = baseline
        self._own = own
        self._folders: dict[bytes, FolderRecord] = {}
        self._last: tuple[bytes, dict[bytes, FileRecord]] = (b"\0", {})

    def compare(self, target: Target) -> tuple[tuple[Deviation, ...], tuple[Counted, ...]]:
        """How the target differs from it, by this process alone. What it could not hold itself is a gap: nobody can
        say what is there now.
        """
        because = why_read_all(target, self._baseline)
        request = CompareRequest(full=bool(because), full_because=because, own=self._own, jobs=1)
        found = compare_system(target, self._baseline, request)
        gaps = tuple(Counted("integrity", FILES, "failed", NOT_HELD, example=gap) for gap in self._baseline.gaps)
        return found.deviations, (*found.counted, *gaps)

    def vouches_for(self, target: Target, deviation: Deviation) -> bool:
        """Whether the file is now what it was when the baseline was made: then it differs from its package rightly."""
        if deviation.path is None or deviation.kind not in ("content", "missing"):
            return False
        rel = deviation.path.to_bytes().removeprefix(target.absolute(b"")).lstrip(b"/")
        parent, _, name = rel.rpartition(b"/")
        records = self._read_folder(parent)
        if records is None:
            return False
        record = records.get(name)
        if deviation.kind == "missing":
            return record is None
        return record is not None and bool(record.digest) and _hash_file(target, rel) == record.digest

    def _read_folder(self, rel: bytes) -> dict[bytes, FileRecord] | None:
        if not self._folders:
            self._folders = {folder.rel: folder for folder in self._baseline.folders}
        if self._last[0] != rel:
            folder = self._folders.get(rel)
            if folder is None or folder.only:
                return None
            try:
                self._last = (rel, folder.records())
            except (ValueError, msgspec.MsgspecError):
                return None
        return self._last[1]


def _hash_file(target: Target, rel: bytes) -> bytes:
    """The BLAKE3 of a file; b"" if it can't be read."""
    try:
        with os.fdopen(target.open_file(rel), "rb", buffering=0) as file:
            hasher, left = blake3(), MOST_BYTES
            while left > 0 and (piece := file.read(_PIECE)):
                hasher.update(piece)
                left -= len(piece)
    except OSError:
        return b""
    return hasher.digest()
