"""The registry of a Windows system: the hives of an offline one, or the running system's own."""

from codered.collect.registry.finding_hives import (
    MACHINE_HIVES,
    FoundHive,
    SystemFolder,
    find_machine_hives,
    find_systems,
)
from codered.collect.registry.hive_opening import open_hive
from codered.collect.registry.live import open_live_registry
from codered.collect.registry.namespace import RegistryTree
from codered.collect.registry.user_hives import find_user_hives
from codered.model.registry import Registry
from codered.model.target import Target

__all__ = ["open_registry"]


def open_registry(target: Target) -> Registry:
    """The registry of the target's Windows. Never raises for what is wrong with a hive: `unread()` says it."""
    if target.info.kind == "live_windows":
        return open_live_registry(target)
    systems = find_systems(target)
    if not systems:
        return RegistryTree((), [("registry", "no hives were found (…\\system32\\config\\SYSTEM on any volume)")])
    found = find_machine_hives(target, systems[0])
    trees = [open_hive(target, hive) for hive in found]
    gaps = [*_name_missing(found, systems[0]), *_name_others(systems), *(gap for hive in found for gap in hive.gap)]
    machine = RegistryTree(trees)
    users = find_user_hives(target, systems[0], machine)
    trees += [open_hive(target, hive) for hive in users.hives]
    return RegistryTree(trees, [*gaps, *machine.link_gaps, *users.gaps])


def _name_missing(found: tuple[FoundHive, ...], system: SystemFolder) -> list[tuple[str, str]]:
    there = {hive.root for hive in found}
    return [
        (root, f"no such file: {system.config}\\{name}") for root, name in MACHINE_HIVES.items() if root not in there
    ]


def _name_others(systems: tuple[SystemFolder, ...]) -> list[tuple[str, str]]:
    why = "another Windows is there; its registry was not read: scan"
    beside = f"{why} a copy of the volume without {systems[0].drive}:\\{systems[0].name}"
    alone = f"{why} it alone, with its volume as drive C"
    return [(system.config, beside if system.drive == systems[0].drive else alone) for system in systems[1:]]
