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

MOST_SET_BYTES = 128 << 20


class Candidate(msgspec.Struct, frozen=True):
    """A pack that could be in the set, with its files by their names in the pack."""

    pack: SetPack
    files: Mapping[str, bytes]


class Composition(msgspec.Struct, frozen=True):
    """The packs of a set to be, all its files by their names below `packs/`, the source of each file of heuristics
    that the tool did not ship, and what was left out, a line each.
    """

    packs: tuple[SetPack, ...]
    files: Mapping[str, bytes]
    heuristics: Mapping[str, str] = {}
    left_out: tuple[str, ...] = ()

    def digest(self) -> str:
        """One SHA-256 over all files."""
        return digest_files(self.hashes())

    def hashes(self) -> dict[str, str]:
        """The SHA-256 of every file."""
        return {name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()}


def compose_set(
    offers: Iterable[Offer],
    current: CurrentSet | None,
    sources: tuple[str, ...],
    shipped: Path,
    replacing: frozenset[str] = frozenset(),
) -> Composition:
    """The newest version of every pack; of the same version a source's before the shipped one, and the source that was
    added first before the others. What the tool ships gives way to sources in `replacing` only. Raises Refused if
    together they are too large, WrongUse for unreadable packs here.
    """
    asked = {offer.source: offer for offer in offers}
    chosen: dict[str, Candidate] = {}
    left_out: list[str] = []
    own = _read_shipped(shipped)
    for candidate in (*_list_candidates(asked, current, sources), *own.values()):
        pack = candidate.pack
        if pack.source and pack.source not in replacing and pack.name in own:
            if pack.digest != own[pack.name].pack.digest:
                left_out.append(_tell_left_out(pack.source, pack.name))
            continue
        best = chosen.get(candidate.pack.name)
        if best is None or order_version(candidate.pack.version) > order_version(best.pack.version):
            chosen[candidate.pack.name] = candidate
    files = {path.name: read_bytes(path) for path in sorted(shipped.glob(f"*{ENDING}"))}
    brought, source = _find_heuristics(asked, current, sources)
    kept = {name: data for name, data in brought.items() if source in replacing or name not in files}
    left_out += [_tell_left_out(source, name) for name in brought if name not in kept and brought[name] != files[name]]
    files |= kept
    for name, candidate in sorted(chosen.items()):
        files |= {f"{name}/{file}": data for file, data in candidate.files.items()}
    if sum(map(len, files.values())) > MOST_SET_BYTES:
        raise Refused("together the packs are larger than a set may be", advice="remove a source")
    packs = tuple(chosen[name].pack for name in sorted(chosen))
    return Composition(packs, files, dict.fromkeys(kept, source), tuple(left_out))


def _tell_left_out(source: str, name: str) -> str:
    return (
        f"{source}: {name} is left out: the tool ships it (`packs sources add --may-replace` lets a source replace it)"
    )


def _list_candidates(
    asked: Mapping[str, Offer], current: CurrentSet | None, sources: tuple[str, ...]
) -> Iterator[Candidate]:
    """All that sources have, those first that win if versions are the same."""
    installed = {pack.name: pack for pack in current.record.packs if pack.source} if current else {}
    for source in sources:
        if source in asked:
            yield from _list_offered(asked[source], current)
        elif current:
            yield from (_read_installed(current, pack) for pack in installed.values() if pack.source == source)


def _read_shipped(shipped: Path) -> dict[str, Candidate]:
    """The tool's own, by name."""
    found = {}
    for name in list_packs(shipped):
        loaded = load_pack(shipped / name)
        pack = SetPack(name=name, version=loaded.pack.version, digest=loaded.digest)
        found[name] = Candidate(pack, read_files(shipped / name))
    return found


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


def _find_heuristics(
    asked: Mapping[str, Offer], current: CurrentSet | None, sources: tuple[str, ...]
) -> tuple[dict[str, bytes], str]:
    """Those of the first source that has some, and its name; a source that was not asked has what it brought."""
    for source in sources:
        if source in asked and asked[source].heuristics:
            own = asked[source].heuristics
            return {name: data for name, data in own.items() if name.endswith(ENDING) and "/" not in name}, source
        if source not in asked and current is not None and source in current.record.heuristics.values():
            names = sorted(name for name, origin in current.record.heuristics.items() if origin == source)
            return {name: read_bytes(current.folder / name) for name in names}, source
    return {}, ""
