"""Files of our own packs, which hold what they look for and are no findings.

A pack may come from anybody, so its list of hashes must not clear a file wherever it lies: a file is ours in its place
in the pack that is in use. Copies elsewhere (a checkout, an unpacked wheel) are ours only of packs that were shipped
with the tool, and under their own names: rules.yar, not rules.php.
"""

import hashlib
import os
from pathlib import Path

from codered.model.errors import WrongUse
from codered.model.pack import LoadedPack
from codered.packs.loading import find_shipped_packs, list_packs, read_files


class OwnFiles:
    """Made before the first file is looked at: the shipped packs are read here."""

    def __init__(self, packs: tuple[LoadedPack, ...]) -> None:
        self._in_place = {
            os.path.join(os.path.realpath(loaded.folder), name): sha256
            for loaded in packs
            for name, sha256 in loaded.files.items()
        }
        self._shipped = _hash_shipped(packs)

    def include(self, path: bytes, sha256: str) -> bool:
        """Whether the file at this absolute path, of this hash, is one of ours."""
        if not sha256:
            return False
        place = os.fsdecode(path)
        return self._in_place.get(place) == sha256 or (os.path.basename(place), sha256) in self._shipped


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
