"""Files of our own packs, which hold what they look for and are no findings.

A pack may come from anybody, so its list of hashes must not clear a file wherever it lies: a file is ours in its place
in the pack that is in use. Copies elsewhere (a checkout, an unpacked wheel) are ours only of packs that were shipped
with the tool, and under their own names: rules.yar, not rules.php.

A checkout that runs this also holds tests, samples and logs full of marks. On its own host they are ours as far as they
are what was committed: whoever can commit there can change the tool itself. Only in the folders where we keep such
files: a web root that somebody added to a fork is none of ours.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import codered
from codered.known_good.commits import FILES, Entry, list_committed, name_object
from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.model.target import Target
from codered.packs.loading import find_shipped_packs, list_packs, read_files
from codered.scan.request import ScanRequest
from codered.system.descriptors import read_at

PACK_FILE = "the tool's own pack file, byte for byte"
COMMITTED = "a file of the checkout that runs this tool, as it was committed"
OURS = ("lab", "packs", "src", "tests")
"""Folders of the checkout in which samples, logs and signs lie."""
_BLOCK = 1 << 20


class OwnFiles:
    """Made before the first file is looked at: the shipped packs are read here, and the commit of `checkout`."""

    def __init__(self, packs: tuple[LoadedPack, ...], checkout: Path | None = None) -> None:
        self._in_place = {
            os.path.join(os.path.realpath(loaded.folder), name): sha256
            for loaded in packs
            for name, sha256 in loaded.files.items()
        }
        self._shipped = _hash_shipped(packs)
        self._committed = _list_files(checkout) if checkout else {}

    def tell_why(self, path: bytes, sha256: str, descriptor: int) -> str:
        """Why the open file at this absolute path, of this hash, is ours; "" if it is not. Raises OSError."""
        if self.include(path, sha256):
            return PACK_FILE
        return COMMITTED if self.is_committed(path, descriptor) else ""

    def is_committed(self, path: bytes, descriptor: int) -> bool:
        """Whether the open file at this absolute path is as the checkout's commit has it. Raises OSError."""
        wanted = self._committed.get(path)
        if wanted is None or os.fstat(descriptor).st_size != wanted.size:
            return False
        return name_object(wanted.size, _read_blocks(descriptor, wanted.size + 1), wanted.id) == wanted.id

    def include(self, path: bytes, sha256: str) -> bool:
        """Whether the file at this absolute path, of this hash, is one of ours."""
        if not sha256:
            return False
        place = os.fsdecode(path)
        return self._in_place.get(place) == sha256 or (os.path.basename(place), sha256) in self._shipped


def find_own_checkout(target: Target, request: ScanRequest) -> Path | None:
    """The checkout that runs this, if it lies on the host that is looked at and below what is looked at; None if it is
    looked at itself, or a part of it: what was named is judged.
    """
    source = Path(codered.__file__).resolve().parent.parent
    root = source.parent
    if target.info.kind != "live_linux" or source.name != "src" or not (root / "pyproject.toml").is_file():
        return None
    places = [Path(path) for place in request.places for path in place.paths]
    if any(place.is_relative_to(root) for place in places) or not any(root.is_relative_to(place) for place in places):
        return None
    return root


def _list_files(checkout: Path) -> dict[bytes, Entry]:
    """Absolute path -> entry of each regular file of ours in its commit; empty if git can't tell."""
    committed = list_committed(checkout, *OURS) or {}
    return {os.fsencode(checkout / name): entry for name, entry in committed.items() if entry.mode in FILES}


def _read_blocks(descriptor: int, most: int) -> Iterator[bytes]:
    """The first bytes of an open file, at most so many. Raises OSError."""
    at = 0
    while at < most and (block := read_at(descriptor, min(_BLOCK, most - at), at)):
        yield block
        at += len(block)


def _hash_shipped(packs: tuple[LoadedPack, ...]) -> frozenset[tuple[str, str]]:
    """Name (without folders) and SHA-256 of every file of the shipped packs."""
    try:
        shipped = find_shipped_packs()
        loaded = {os.path.realpath(each.folder): each.files for each in packs}
        known: set[tuple[str, str]] = set()
        for name in list_packs(shipped):
            files = loaded.get(os.path.realpath(shipped / name)) or _hash_files(shipped / name)
            known |= {(os.path.basename(file), sha256) for file, sha256 in files.items()}
    except (WrongUse, OSError):
        return frozenset()  # a tool whose packs are gone or damaged has no files that are ours for certain
    return frozenset(known)


def _hash_files(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in read_files(folder).items()}
