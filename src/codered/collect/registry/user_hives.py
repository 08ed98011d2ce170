"""The hives of users: where the list of profiles says they are, and in every other profile's folder too."""

import re
from typing import NamedTuple

from codered.collect.registry.finding_hives import FoundHive, SystemFolder, find_profile_folders
from codered.model.registry import Registry, escape_name
from codered.model.target import Target

PROFILE_LIST = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"
_CLASSES = (
    "AppData\\Local\\Microsoft\\Windows\\UsrClass.dat",
    "Local Settings\\Application Data\\Microsoft\\Windows\\UsrClass.dat",
)
_VARIABLE = re.compile(r"%([^%\\]{1,64})%")
_ABSOLUTE = re.compile(r"([A-Za-z]):\\")
_MOST = 200


class UserHives(NamedTuple):
    """What was found, and what is known not to be."""

    hives: tuple[FoundHive, ...]
    gaps: tuple[tuple[str, str], ...]


def find_user_hives(target: Target, system: SystemFolder, registry: Registry) -> UserHives:
    """NTUSER.DAT of every profile as HKU\\<SID>, its classes as HKU\\<SID>_Classes. A profile that the list does not
    name (a template, a deleted user's) hangs below HKU by its folder's name.
    """
    hives: list[FoundHive] = []
    gaps: list[tuple[str, str]] = []
    known: set[bytes] = set()
    for root, folder in (*_listed(registry, system, gaps), *_unlisted(target, system)):
        if len(known) >= _MOST:
            gaps.append(("HKU", f"more than {_MOST} profiles; the hives of the others were not read"))
            break
        for rel in target.find(f"{folder}\\NTUSER.DAT"):
            if rel not in known:
                known.add(rel)
                hives.append(FoundHive(_make_unique(root, hives), rel))
                hives += _find_classes(target, folder, hives[-1].root)
                gaps += [gap for hive in hives[-1:] for gap in hive.gap]
        drive = folder[0].upper()
        if not any(volume.drive == drive for volume in target.info.volumes):
            gaps.append((root, f"its profile is on drive {drive}, which is not part of what is looked at"))
    return UserHives(tuple(hives), tuple(gaps))


def _listed(registry: Registry, system: SystemFolder, gaps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    found = []
    for sid in registry.subkeys(PROFILE_LIST):
        value = registry.value(f"{PROFILE_LIST}\\{sid}", "ProfileImagePath")
        if value is None:
            continue
        folder = _expand(value.text(), system)
        if _ABSOLUTE.match(folder):
            found.append((f"HKU\\{sid}", folder))
        else:
            gaps.append(
                (f"HKU\\{escape_name(sid)}", f"its profile's folder can't be told: {escape_name(value.text())}")
            )
    return found


def _unlisted(target: Target, system: SystemFolder) -> list[tuple[str, str]]:
    folders = find_profile_folders(target, system)
    return [("HKU\\" + escape_name(folder.rsplit("\\", 1)[1]), folder) for folder in folders]


def _expand(path: str, system: SystemFolder) -> str:
    root = f"{system.drive}:\\{system.name}"
    variables = {"systemdrive": f"{system.drive}:", "systemroot": root, "windir": root}
    return _VARIABLE.sub(lambda match: variables.get(match[1].lower(), match[0]), path)


def _find_classes(target: Target, folder: str, root: str) -> list[FoundHive]:
    found = [rel for name in _CLASSES for rel in target.find(f"{folder}\\{name}")]
    rels = tuple(dict.fromkeys(found))
    return [FoundHive(f"{root}_Classes", rels[0], rels[1:])] if rels else []


def _make_unique(root: str, hives: list[FoundHive]) -> str:
    taken = {hive.root.upper() for hive in hives}
    names = (root, *(f"{root} ({number})" for number in range(2, 2 * _MOST + 2)))
    return next(name for name in names if name.upper() not in taken)
