"""Where the hives of an offline Windows lie: by the names that the system itself uses, in any case, on any drive."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from codered.engine.hives.hive_header import NotAHive, read_header
from codered.model.paths import path_from_bytes
from codered.model.target import ListingTarget, Target
from codered.system.descriptors import read_at

MACHINE_HIVES = {
    "HKLM\\SYSTEM": "system",
    "HKLM\\SOFTWARE": "software",
    "HKLM\\SAM": "sam",
    "HKLM\\SECURITY": "security",
    "HKU\\.DEFAULT": "default",
}
"""The hives of the machine, and their files' names."""
_USUAL = ("winnt", "windows", "winnt40", "win2k")
_PROFILES = ("Documents and Settings", "Users")
_MOST_FOLDERS = 2000


class FoundHive(NamedTuple):
    """A hive's file: where it hangs in the registry, and its path below the target's root; `twins` are other files of
    the very same name to Windows, of which it would read one only.
    """

    root: str
    rel: bytes
    twins: tuple[bytes, ...] = ()

    @property
    def gap(self) -> tuple[tuple[str, str], ...]:
        """That the twins are not read, if there are any: where, and why."""
        names = ", ".join(path_from_bytes(rel).text for rel in (self.rel, *self.twins))
        why = (
            f"several files have the name of this hive, only the first was read; scan a copy with one of them: {names}"
        )
        return ((self.root, why),) if self.twins else ()


class SystemFolder(NamedTuple):
    """A Windows on a volume: `drive` its letter, `name` the system folder's, `written` when its SYSTEM hive was."""

    drive: str
    name: str
    written: int

    @property
    def config(self) -> str:
        """The folder of its hives, as the system names it."""
        return f"{self.drive}:\\{self.name}\\system32\\config"


def find_systems(target: Target) -> tuple[SystemFolder, ...]:
    """Every Windows on the volumes, the one to look at first: on drive C, and whose registry was written last."""
    drives = tuple(dict.fromkeys(volume.drive for volume in target.info.volumes))
    places = [(drive, name) for drive in drives for name in _USUAL]
    # A system folder may have any name, also beside one of a usual name: every folder at the top of a volume is tried.
    for volume in target.info.volumes:
        places += [(volume.drive, name) for name in _names(target, os.fsencode(volume.prefix))]
    found: dict[tuple[bytes, ...], SystemFolder] = {}
    for drive, name in places:
        rels = _find_hives(target, drive, name)
        if rels and rels not in found:
            found[rels] = SystemFolder(drive, name, _read_written(target, rels[0]))
    return tuple(sorted(found.values(), key=lambda system: (system.drive != "C", -system.written)))


def find_machine_hives(target: Target, system: SystemFolder) -> tuple[FoundHive, ...]:
    """The files of MACHINE_HIVES that are there."""
    found = {root: sorted(target.find(f"{system.config}\\{name}")) for root, name in MACHINE_HIVES.items()}
    return tuple(FoundHive(root, rels[0], tuple(rels[1:])) for root, rels in found.items() if rels)


def find_profile_folders(target: Target, system: SystemFolder) -> tuple[str, ...]:
    """Every folder in which profiles of users lie, as the system names it."""
    drives = tuple(dict.fromkeys((system.drive, *(volume.drive for volume in target.info.volumes))))
    parents = [f"{drive}:\\{name}" for drive in drives for name in _PROFILES]
    parents.append(f"{system.drive}:\\{system.name}\\Profiles")
    found = [f"{parent}\\{name}" for parent in parents for rel in target.find(parent) for name in _names(target, rel)]
    return tuple(dict.fromkeys(found))


def find_beside(target: Target, rel: bytes, endings: Iterable[str]) -> dict[str, bytes]:
    """The files beside a hive whose names are the hive's with one of the endings, by ending."""
    folder, _, name = rel.rpartition(b"/")
    wanted = {os.fsdecode(name).lower() + ending.lower(): ending for ending in endings}
    found = {wanted[low]: each for each in list_names(target, folder) if (low := os.fsdecode(each).lower()) in wanted}
    return {ending: folder + b"/" + each if folder else each for ending, each in found.items()}


def list_names(target: Target, rel: bytes) -> list[bytes]:
    """The names in a folder, sorted; none if it can't be listed."""
    try:
        if isinstance(target, ListingTarget):
            return sorted(entry.name for entry in target.list_folder(rel))
        directory = target.open_dir(rel)
    except OSError:
        return []
    try:
        return sorted(os.fsencode(name) for name in os.listdir(directory))
    finally:
        os.close(directory)


def _names(target: Target, rel: bytes) -> list[str]:
    return [os.fsdecode(name) for name in list_names(target, rel)[:_MOST_FOLDERS]]


def _find_hives(target: Target, drive: str, name: str) -> tuple[bytes, ...]:
    config = f"{drive}:\\{name}\\system32\\config"
    return tuple(rel for hive in ("system", "software") for rel in target.find(f"{config}\\{hive}"))


def _read_written(target: Target, rel: bytes) -> int:
    try:
        descriptor = target.open_file(rel)
    except OSError:
        return 0
    try:
        return read_header(read_at(descriptor, 512, 0)).written
    except (OSError, NotAHive):
        return 0
    finally:
        os.close(descriptor)
