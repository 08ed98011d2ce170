"""What a set is made of: of every pack the newest version there is, from the sources and from what the tool shipped.

A source that was not asked now keeps the packs that the set in use has from it, as long as it is still a source.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from codered.model.errors import Refused
from codered.packs.heuristics import ENDING
from codered.packs.loading import digest_files, list_packs, load_pack, read_files
from codered.packs.strict_yaml import read_bytes
from codered.packs.updating.client import Offer
from codered.packs.updating.current import CurrentSet, SetPack, order_version

HEURISTICS_SOURCE = "heuristics"
MOST_SET_BYTES = 128 << 20


class Candidate(msgspec.Struct, frozen=True):
    """A pack that could be in the set, with its files by their names in the pack."""

    pack: SetPack
    files: Mapping[str, bytes]


class Composition(msgspec.Struct, frozen=True):
    """The packs of a set to be, and all its files by their names below `packs/`."""

    packs: tuple[SetPack, ...]
    files: Mapping[str, bytes]

    def digest(self) -> str:
        """One SHA-256 over all files."""
        return digest_files(self.hashes())

    def hashes(self) -> dict[str, str]:
        """The SHA-256 of every file."""
        return {name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()}


def compose_set(
    offers: Iterable[Offer], current: CurrentSet | None, sources: tuple[str, ...], shipped: Path
) -> Composition:
    """The newest version of every pack; of the same version a source's before the shipped one, and the source that was
    added first before the others. Raises Refused if together they are too large, WrongUse for unreadable packs here.
    """
    asked = {offer.source: offer for offer in offers}
    chosen: dict[str, Candidate] = {}
    for candidate in _list_candidates(asked, current, sources, shipped):
        best = chosen.get(candidate.pack.name)
        if best is None or order_version(candidate.pack.version) > order_version(best.pack.version):
            chosen[candidate.pack.name] = candidate
    files = _choose_heuristics(asked, current, sources, shipped)
    for name, candidate in sorted(chosen.items()):
        files |= {f"{name}/{file}": data for file, data in candidate.files.items()}
    if sum(map(len, files.values())) > MOST_SET_BYTES:
        raise Refused("together the packs are larger than a set may be", advice="remove a source")
    return Composition(tuple(chosen[name].pack for name in sorted(chosen)), files)


def _list_candidates(
    asked: Mapping[str, Offer], current: CurrentSet | None, sources: tuple[str, ...], shipped: Path
) -> Iterator[Candidate]:
    """All there is, those first that win if versions are the same."""
    installed = {pack.name: pack for pack in current.record.packs if pack.source} if current else {}
    for source in sources:
        if source in asked:
            yield from _list_offered(asked[source], current)
        elif current:
            yield from (_read_installed(current, pack) for pack in installed.values() if pack.source == source)
    for name in list_packs(shipped):
        loaded = load_pack(shipped / name)
        pack = SetPack(name=name, version=loaded.pack.version, digest=loaded.digest)
        yield Candidate(pack, read_files(shipped / name))


def _list_offered(offer: Offer, current: CurrentSet | None) -> Iterator[Candidate]:
    have = {pack.name: pack for pack in current.record.packs} if current else {}
    for listed in offer.listed.packs:
        pack = SetPack(name=listed.name, version=listed.version, digest=listed.digest, source=offer.source)
        if listed.name in offer.packs:
            yield Candidate(pack, offer.packs[listed.name])
        elif current and listed.name in have and have[listed.name].digest == listed.digest:
            yield Candidate(pack, _read_installed(current, pack).files)


def _read_installed(current: CurrentSet, pack: SetPack) -> Candidate:
    return Candidate(pack, read_files(current.folder / pack.name))


def _choose_heuristics(
    asked: Mapping[str, Offer], current: CurrentSet | None, sources: tuple[str, ...], shipped: Path
) -> dict[str, bytes]:
    """The shipped ones, and over them by name those of the first source that has some."""
    files = {path.name: read_bytes(path) for path in sorted(shipped.glob(f"*{ENDING}"))}
    for source in sources:
        if source in asked and asked[source].heuristics:
            own = asked[source].heuristics
            return files | {name: data for name, data in own.items() if name.endswith(ENDING) and "/" not in name}
    carried = current is not None and any(source not in asked for source in sources)
    if current is not None and carried:  # a source that was not asked may have brought them
        files |= {path.name: read_bytes(path) for path in sorted(current.folder.glob(f"*{ENDING}"))}
    return files
