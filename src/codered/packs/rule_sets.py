"""Rule sets that are ready: read back from the cache, without loading anything that only a compilation needs."""

import hashlib
from pathlib import Path

import msgspec

from codered.engine import ENGINE_VERSION
from codered.model.errors import WrongUse
from codered.model.heuristics import Heuristics
from codered.model.pack import LoadedPack
from codered.model.ruleset import CompiledRules, RuleSet
from codered.packs.places import pack_place
from codered.packs.rule_cache import CACHE_FORMAT, read_compiled

NO_HEURISTICS = Heuristics()


def read_rules(packs: tuple[LoadedPack, ...], cache: Path, heuristics: Heuristics = NO_HEURISTICS) -> RuleSet | None:
    """The packs' rule set as the folder `cache` keeps it; None when `compiling.compile_packs` has to make it. Raises
    WrongUse for two packs of one name.
    """
    refuse_twins(packs)
    kept = read_compiled(cache, digest_packs(packs, heuristics))
    return make_rule_set(packs, kept, heuristics) if kept else None


def make_rule_set(
    packs: tuple[LoadedPack, ...], kept: CompiledRules, heuristics: Heuristics = NO_HEURISTICS
) -> RuleSet:
    """The packs with their compiled rules."""
    return RuleSet(packs=packs, heuristics=heuristics, **msgspec.structs.asdict(kept))


def digest_packs(packs: tuple[LoadedPack, ...], heuristics: Heuristics = NO_HEURISTICS) -> str:
    """SHA-256 (hex) over the packs, the engine and the cache's format: the same digest, the same compiled rules."""
    digest = hashlib.sha256(f"{CACHE_FORMAT}\0{ENGINE_VERSION}\0{heuristics.digest}\n".encode())
    for loaded in sorted(packs, key=lambda loaded: loaded.pack.name):
        digest.update(f"{loaded.pack.name}\0{loaded.digest}\n".encode())
    return digest.hexdigest()


def refuse_twins(packs: tuple[LoadedPack, ...]) -> None:
    """Raises WrongUse for two packs of one name."""
    seen: dict[str, LoadedPack] = {}
    for loaded in packs:
        if other := seen.get(loaded.pack.name):
            advice = f"{pack_place(other)} has the same name: rename one of the two"
            raise WrongUse(f"a second pack `{loaded.pack.name}`", where=pack_place(loaded), advice=advice)
        seen[loaded.pack.name] = loaded
