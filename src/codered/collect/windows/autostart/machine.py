"""The Windows system that is looked at: its registry, its files by their Windows names, and what could not be read."""

import os
from collections.abc import Iterator
from importlib import resources
from typing import Literal, NamedTuple

import msgspec

from codered.collect.autostart.reading import MOST_BYTES, Reader, SmallFile, join
from codered.collect.walking import Unwalked
from codered.model.paths import FilePath
from codered.model.registry import Registry
from codered.model.target import ListingTarget, Target
from codered.model.windows import WindowsSystem

PROFILES = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
MOST_NAMES = 100_000  # in one folder
MOST_ROUNDS = 4  # variables within variables


def _load() -> dict[str, tuple[str, ...]]:
    text = resources.files("codered.collect.windows.autostart").joinpath("environment.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, tuple[str, ...]])


_ENVIRONMENT = _load()


class Item(NamedTuple):
    """A name in a folder: its path below the target's root, and what it is."""

    rel: bytes
    name: str
    kind: Literal["file", "folder", "link", "other"]


class WindowsMachine:
    """Finds and reads on one Windows system. Names are those of Windows (`C:\\x`), in any case."""

    def __init__(self, target: Target, registry: Registry, system: WindowsSystem | None) -> None:
        self.target = target
        self.registry = registry
        self.system = system or WindowsSystem()
        self.reader = Reader(target)
        self._folders: dict[str, dict[str, Item]] = {}
        self.root = self.system.root.rstrip("\\") or self._guess_root()
        self.drive = self.root[:2]
        self.homes = self._find_homes()

    def miss(self, what: str, why: str) -> None:
        """Remember that something could not be read, and why."""
        self.reader.unread.append(Unwalked(b"", "failed", f"{what}: {why}"))

    def expand(self, text: str, home: str = "") -> list[str]:
        """A text with its variables filled in: each way it may be meant, the likeliest first."""
        found = [text]
        for _ in range(MOST_ROUNDS):
            wider = [meant for one in found for meant in self._expand_first(one, home)][:8]
            if wider == found:
                break
            found = wider
        return found

    def _expand_first(self, text: str, home: str) -> list[str]:
        start = text.find("%")
        while start >= 0:
            end = text.find("%", start + 1)
            if end < 0:
                break
            meanings = _ENVIRONMENT.get(text[start + 1 : end].lower())
            if meanings:
                filled = [one.format(root=self.root, drive=self.drive, home=home) for one in meanings]
                return [text[:start] + one + text[end + 1 :] for one in filled if home or "%HOME%" not in one]
            start = end
        return [text]

    def knows_drive(self, path: str) -> bool:
        """Whether the drive a path starts with is one that is looked at."""
        drives = [volume.drive for volume in self.target.info.volumes]
        return path[:1].upper() in drives or self.target.info.kind == "live_windows"

    def has_system_root(self) -> bool:
        """Whether the folder that the registry calls the system's is one: what it says is not believed unseen."""
        return bool(self._folder_rels(f"{self.root}\\system32".lower()))

    def find_file(self, path: str) -> bytes | None:
        """The regular file of this name, as a path below the root; None if there is none."""
        folder, _, name = path.rpartition("\\")
        item = self._names(folder).get(name.lower()) if len(folder) > 1 and name else None
        return item.rel if item is not None and item.kind == "file" else None

    def read(self, rel: bytes, most: int = MOST_BYTES) -> SmallFile | None:
        """The first `most` bytes of a file; None if it can't be read, which is remembered."""
        return self.reader.read_start(rel, most)

    def path(self, rel: bytes) -> FilePath:
        """The path on the machine that runs the tool."""
        return self.reader.path(rel)

    def list_folder(self, folder: str) -> list[Item]:
        """What lies in a folder; nothing if there is none."""
        return list(self._names(folder).values())

    def list_rel(self, rel: bytes) -> list[Item]:
        """What lies in a folder by its path below the root; nothing if there is none, or if it can't be listed, which
        is remembered.
        """
        try:
            found: list[Item] = []
            for item in self._list(rel):
                if len(found) == MOST_NAMES:
                    self.miss(os.fsdecode(rel), f"more than {MOST_NAMES} names in it: the rest was left out")
                    break
                found.append(item)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.reader.unread.append(Unwalked(rel, "failed", error.strerror or str(error)))
            return []
        return found

    def _names(self, folder: str) -> dict[str, Item]:
        wanted = folder.rstrip("\\").lower()
        known = self._folders.get(wanted)
        if known is None:
            listed = [item for rel in self._folder_rels(wanted) for item in self.list_rel(rel)]
            known = self._folders[wanted] = {item.name.lower(): item for item in listed}
        return known

    def _folder_rels(self, folder: str) -> list[bytes]:
        if len(folder) == 2:  # a drive's root
            volumes = [one for one in self.target.info.volumes if folder[0].upper() == one.drive]
            live = [f"{folder[0].upper()}:\\".encode()] if self.target.info.kind == "live_windows" else []
            return [os.fsencode(one.prefix) for one in volumes] or live
        if folder[1:3] != ":\\" or "\0" in folder:
            return []
        return self.target.find(folder)

    def _list(self, rel: bytes) -> Iterator[Item]:
        target = self.target
        if isinstance(target, ListingTarget):
            for entry in target.list_folder(rel):
                yield Item(join(rel, entry.name), os.fsdecode(entry.name), entry.kind)
            return
        directory = target.open_dir(rel)
        try:
            with os.scandir(directory) as entries:
                for one in entries:
                    yield Item(join(rel, os.fsencode(one.name)), one.name, _kind_of(one))
        finally:
            os.close(directory)

    def _guess_root(self) -> str:
        told = self.registry.value("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "SystemRoot")
        text = told.text() if told is not None else ""
        if text[1:3] == ":\\":
            return text.rstrip("\\")
        drives = [volume.drive for volume in self.target.info.volumes] or ["C"]
        found = [f"{drive}:\\{name}" for drive in drives for name in ("Windows", "WINNT") if self._has(drive, name)]
        return found[0] if found else f"{drives[0]}:\\Windows"

    def _has(self, drive: str, name: str) -> bool:
        return bool(self._folder_rels(f"{drive}:\\{name}\\system32".lower()))

    def _find_homes(self) -> dict[str, str]:
        """The users' folders by their SID, as the registry has them."""
        homes = {}
        for sid in self.registry.subkeys(PROFILES):
            value = self.registry.value(f"{PROFILES}\\{sid}", "ProfileImagePath")
            if value is not None and value.text():
                homes[sid.lower()] = self.expand(value.text())[0]
        return homes


def _kind_of(entry: os.DirEntry[str]) -> Literal["file", "folder", "link", "other"]:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def home_of(machine: WindowsMachine, key: str) -> str:
    """The folder of the user whose hive a key is in ("" = the machine's, or not known)."""
    parts = key.split("\\", 2)
    if parts[0].upper() != "HKU" or len(parts) < 2:
        return ""
    return machine.homes.get(parts[1].lower().removesuffix("_classes"), "")
