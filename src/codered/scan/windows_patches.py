"""The layer of patches on a Windows system: which of the packs' holes are closed."""

from collections.abc import Iterator

from codered.collect.registry import open_registry
from codered.collect.windows.patch_facts import PatchFactsSeen, collect_patch_facts, without_hives
from codered.collect.windows.system import identify_windows
from codered.detect.patch_findings import find_holes
from codered.detect.patches import judge_patch
from codered.model.pack import LoadedPack
from codered.model.patches import PatchAnswer, PatchFacts
from codered.model.registry import Registry
from codered.model.target import Target
from codered.model.windows import WindowsSystem
from codered.scan.tasks import Counted, Done

HOTFIXES = "hotfixes and versions of system files"
NO_HOTFIXES = "which hotfixes are installed is not known: SOFTWARE could not be read, the answers rest on files"

Packs = tuple[LoadedPack, ...]


def look_at_windows_patches(
    number: int, target: Target, registry: Registry, system: WindowsSystem, packs: Packs
) -> Done:
    """The answers for the holes of all packs, as the answer to the task `number`."""
    holes = [loaded.pack.vulnerability for loaded in packs if loaded.pack.vulnerability is not None]
    seen = collect_patch_facts(target, registry, system, holes)
    answers = _judge_all(packs, seen.facts)
    return Done(number, list(find_holes(answers)), counted=list(_count(seen)), patches=list(answers))


def answer_without_hives(target: Target, packs: Packs) -> tuple[PatchAnswer, ...]:
    """The answers for a Windows system of whose registry nothing is there: by its files alone."""
    system = identify_windows(target, open_registry(target))
    holes = [loaded.pack.vulnerability for loaded in packs if loaded.pack.vulnerability is not None]
    return _judge_all(packs, without_hives(target, system, holes))


def _judge_all(packs: Packs, facts: PatchFacts) -> tuple[PatchAnswer, ...]:
    holes = [(loaded.pack.vulnerability, loaded.pack.name) for loaded in packs]
    return tuple(judge_patch(hole, facts, name) for hole, name in holes if hole is not None)


def _count(seen: PatchFactsSeen) -> Iterator[Counted]:
    yield Counted("patches", HOTFIXES, count=seen.keys + seen.files)
    if seen.facts.keys is None:
        yield Counted("patches", HOTFIXES, "failed", NO_HOTFIXES)
    for where, why in seen.unread:
        yield Counted("patches", HOTFIXES, "failed", why, example=where)
