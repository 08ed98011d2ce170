"""The folders that sites publish: whether they are there, and the web.config files in them."""

import os

from msgspec.structs import replace

from codered.collect.iis.config_sections import read_sections
from codered.collect.iis.gathering import Gathering
from codered.collect.walking import Folder, walk
from codered.model.windows import VirtualDirectory

MOST_FOLDERS = 20_000
MOST_CONFIGS = 500
_CONFIGS = (b"web.config", b"applicationhost.config")


def look_at_folders(gathering: Gathering) -> None:
    """Say of each published folder whether it is there, and read the web.config files below."""
    places = _find_folders(gathering)
    found: dict[bytes, None] = {}
    starts = tuple(dict.fromkeys(rel for rels in places.values() for rel in rels))
    folders = 0
    for item in walk(gathering.target, starts) if starts else ():
        if not isinstance(item, Folder):
            if item.state == "failed":
                shown = gathering.target.shown(item.rel) or gathering.target.absolute(item.rel).decode(errors="replace")
                gathering.add_unread(shown, item.why)
            continue
        folders += 1
        found.update((item.rel + b"/" + name if item.rel else name, None) for name in _configs_in(item))
        if folders >= MOST_FOLDERS or len(found) >= MOST_CONFIGS:
            why = f"more than {MOST_FOLDERS:,} folders or {MOST_CONFIGS} web.config files: the others are not read"
            gathering.add_unread("folders of sites", why)
            break
    for rel in tuple(found)[:MOST_CONFIGS]:
        text = gathering.open_text(rel)
        if text is not None:
            is_folder_config = rel.lower().endswith(b"web.config")
            read_sections(text, gathering, text.shown.rpartition("\\")[0] if is_folder_config else "")


def _configs_in(folder: Folder) -> list[bytes]:
    """Of the configurations of IIS Express only those in its own folder."""
    express = folder.rel.lower().rsplit(b"/", 2)[-2:] == [b".vs", b"config"] or b"/.vs/" in folder.rel.lower()
    wanted = _CONFIGS if express else _CONFIGS[:1]
    return [name for name in folder.files if name.lower() in wanted]


def _find_folders(gathering: Gathering) -> dict[str, list[bytes]]:
    """Where the folders lie on the target, whole drives last; each directory is told whether its own is there."""
    places: dict[str, list[bytes]] = {}
    for number, directory in enumerate(gathering.directories):
        path = directory.physical
        if path[1:3] != ":\\":
            _say_unlooked(directory, gathering)
            continue
        if path.lower() not in places:
            places[path.lower()] = _find_drive(path, gathering) if len(path) == 3 else gathering.target.find(path)
        gathering.directories[number] = _tell_presence(directory, bool(places[path.lower()]), gathering)
    return dict(sorted(places.items(), key=lambda pair: len(pair[0]) == 3))


def _find_drive(path: str, gathering: Gathering) -> list[bytes]:
    volumes = gathering.target.info.volumes
    return [os.fsencode(volume.prefix) for volume in volumes if volume.drive.upper() == path[0].upper()]


def _tell_presence(directory: VirtualDirectory, found: bool, gathering: Gathering) -> VirtualDirectory:
    drives = {volume.drive.upper() for volume in gathering.target.info.volumes}
    present = found if found or directory.physical[0].upper() in drives else None
    if present is None:
        where = f"{directory.physical} as {directory.url}"
        gathering.add_undetermined(where, "it lies on a drive that is not part of what is looked at: look at it too")
    return replace(directory, present=present)


def _say_unlooked(directory: VirtualDirectory, gathering: Gathering) -> None:
    if directory.physical.startswith("\\\\") and not directory.physical.startswith("\\\\.\\"):
        where = f"{directory.physical} as {directory.url}"
        gathering.add_undetermined(where, "it is published from another machine: look at that one too")
