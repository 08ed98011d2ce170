"""What is left of deleted files in an image: told apart from what is there, never sure, and nothing to remove."""

import hashlib
import os
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from codered.collect.contents import WHOLE, is_mostly_text, is_text
from codered.collect.walking import Folder, walk
from codered.detect.files import HitFacts, make_findings
from codered.detect.signatures import BINARY, BOTH, TEXT, Signatures
from codered.engine import GaveUp
from codered.model.finding import Finding, Subject
from codered.model.observation import FileSeen, Piece
from codered.model.paths import path_from_bytes
from codered.model.report import Look
from codered.model.ruleset import RuleSet
from codered.targets.disk_image import DiskImage
from codered.targets.images.volume import Located

DELETED = "deleted files"
MOST_FILES = 50_000
MOST_BYTES = 4 << 30
GONE = "only the name is left: what it was is gone"
LARGE = "larger than 64 MiB"
MORE = f"more than {MOST_FILES} deleted files or {MOST_BYTES >> 30} GiB of them: the rest was not looked at"
STOPPED = "stopped by the user before the end"
CAUTION = " It was deleted; what lies where it lay may be of another file by now."


class Remains(NamedTuple):
    """The findings in deleted files, and what was looked at."""

    findings: tuple[Finding, ...]
    looks: tuple[Look, ...]


def look_at_deleted(image: DiskImage, rules: RuleSet) -> Remains:
    """Look at the deleted files whose names or records are still there. Ctrl-C ends it early, which is said."""
    look = _DeletedLook(image, rules)
    try:
        for folder, name, located in _list_deleted(image):
            if look.is_full():
                break
            look.inspect(folder, name, located)
    except KeyboardInterrupt:
        look.miss(STOPPED, b"")
    return look.remains()


def _list_deleted(image: DiskImage) -> Iterator[tuple[bytes, bytes, Located]]:
    seen: set[tuple[bytes, int]] = set()
    for folder in [item.rel for item in walk(image, (b"",)) if isinstance(item, Folder) and item.rel]:
        volume = folder.partition(b"/")[0]
        for name, located in image.list_deleted(folder).items():
            seen.add((volume, located.inode))
            yield folder, name, located
    for partition in image.partitions:
        volume = b"p%d" % partition.number
        for name, located in image.list_orphans(volume).items():
            if (volume, located.inode) not in seen:
                yield volume + b"/$OrphanFiles", name, located


class _DeletedLook:
    def __init__(self, image: DiskImage, rules: RuleSet) -> None:
        self._image = image
        self._signatures = Signatures(rules)
        self._findings: dict[str, Finding] = {}
        self._missed: dict[str, list[str]] = {}
        self._files = self._bytes = 0

    def is_full(self) -> bool:
        """Whether no more is looked at, which is noted."""
        full = self._files >= MOST_FILES or self._bytes >= MOST_BYTES
        if full:
            self.miss(MORE, b"")
        return full

    def miss(self, why: str, rel: bytes) -> None:
        """Note what was not looked at."""
        self._missed.setdefault(why, []).append(path_from_bytes(self._image.absolute(rel)).text)

    def inspect(self, folder: bytes, name: bytes, located: Located) -> None:
        """Look at one."""
        rel = folder + b"/" + name
        if located.trouble or located.size > WHOLE:
            self.miss(LARGE if not located.trouble else GONE, rel)
            return
        try:
            descriptor = self._image.open_deleted(folder.partition(b"/")[0], located)
        except OSError as error:
            self.miss(str(error).split("\n")[0][:200], rel)
            return
        try:
            data = os.pread(descriptor, located.size, 0)
        finally:
            os.close(descriptor)
        self._files += 1
        self._bytes += len(data)
        try:
            self._judge(rel, data)
        except GaveUp as reason:
            self.miss(f"gave up: {reason}", rel)

    def _judge(self, rel: bytes, data: bytes) -> None:
        kinds = TEXT if is_text(data) else BOTH if is_mostly_text(data) else BINARY
        piece = Piece(0, data)
        hits = self._signatures.inspect(piece, kinds).hits + self._signatures.inspect_always(piece, kinds).hits
        if not hits:
            return
        shown = self._image.shown(rel) or path_from_bytes(self._image.absolute(rel)).text
        seen = FileSeen(path=self._image.absolute(rel), shown=shown, windows=False, size=len(data))
        for finding in make_findings(seen, [], hits, HitFacts(hashlib.sha256(data).hexdigest())):
            # Without a path nothing can be planned for it: there is nothing that could be taken away.
            subject = Subject(kind="file", shown=f"{shown} (deleted)")
            told = replace(finding, subject=subject, confidence="suspicious", because=finding.because + CAUTION)
            self._findings[finding.id] = replace(told, remedy="", near=False)

    def remains(self) -> Remains:
        """What came of it."""
        looks = [Look(layer="files", where=DELETED, state="looked", count=self._files, bytes=self._bytes)]
        looks += [
            Look(layer="files", where=DELETED, state="failed" if why in (MORE, STOPPED) else "skipped", why=why,
                 count=len(paths), examples=tuple(paths[:20]))
            for why, paths in self._missed.items()
        ]  # fmt: skip
        return Remains(tuple(self._findings.values()), tuple(looks))
