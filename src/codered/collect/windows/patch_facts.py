"""What is known of a Windows system that bears on the patches the packs ask about. No judgement."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from codered.collect.windows.file_versions import read_file_fact
from codered.collect.windows.system import system_folders
from codered.model.countermeasures import Evidence, Vulnerability
from codered.model.patches import FileFact, PatchFacts
from codered.model.registry import Registry
from codered.model.target import Target
from codered.model.windows import WindowsSystem

SYSTEM_ROOT = "%systemroot%\\"
_READABLE = ("clean", "replayed", "live")
_HIVES = (r"HKLM\SOFTWARE", r"HKLM\SYSTEM")


class PatchFactsSeen(NamedTuple):
    """The facts, how many keys and files were looked for, and what could not be read: where, and why."""

    facts: PatchFacts
    keys: int
    files: int
    unread: tuple[tuple[str, str], ...]


def collect_patch_facts(
    target: Target, registry: Registry, system: WindowsSystem, holes: Iterable[Vulnerability]
) -> PatchFactsSeen:
    """The facts that the evidence of these holes asks for, whatever the platform turns out to be."""
    evidence = [one for hole in holes for platform in hole.platforms for one in platform.evidence]
    states = [hive.state if (hive := registry.hive_of(root)) else "unreadable" for root in _HIVES]
    keys = _find_keys(registry, evidence) if states[0] not in ("unreadable",) else None
    unread: list[tuple[str, str]] = []
    files = tuple(_find_files(target, system, evidence, unread))
    whole = all(state in _READABLE for state in states)
    facts = PatchFacts(
        platform=system.platform,
        keys=keys,
        files=files,
        service_pack=system.service_pack if keys is not None else None,
        components=None,
        web_server=system.iis if system.iis or whole else None,
    )
    return PatchFactsSeen(facts, len(keys or ()), len(files), tuple(unread))


def _find_keys(registry: Registry, evidence: list[Evidence]) -> frozenset[str]:
    return frozenset(one.key for one in evidence if one.key and registry.exists(one.key))


def _find_files(
    target: Target, system: WindowsSystem, evidence: list[Evidence], unread: list[tuple[str, str]]
) -> Iterable[FileFact]:
    """A fact a file; the first that is there, where the system's folder may be one of several."""
    for name in dict.fromkeys(one.file for one in evidence if one.file):
        found = next((rel for path in _expand(name, system) for rel in target.find(path)), None)
        if found is None:
            yield FileFact(name=name, exists=False)
            continue
        try:
            yield read_file_fact(target, found, name)
        except OSError as error:
            unread.append((target.shown(found) or name, error.strerror or str(error)))


def _expand(name: str, system: WindowsSystem) -> tuple[str, ...]:
    if not name.lower().startswith(SYSTEM_ROOT):
        return (name,)
    return tuple(f"{folder}\\{name[len(SYSTEM_ROOT) :]}" for folder in system_folders(system))


def without_hives(target: Target, system: WindowsSystem, holes: Iterable[Vulnerability]) -> PatchFacts:
    """The facts of a system of whose registry nothing can be read: its files."""
    evidence = [one for hole in holes for platform in hole.platforms for one in platform.evidence]
    facts = PatchFacts(platform=system.platform, components=None)
    return replace(facts, files=tuple(_find_files(target, system, evidence, [])))
