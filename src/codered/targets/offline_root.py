"""An offline system's file tree in a folder: laid out as a Windows volume (or a folder a drive), or as a Linux root."""

import os

from msgspec.structs import replace

from codered.model.errors import WrongUse
from codered.model.target import Target, TargetInfo, Volume
from codered.targets.rooted import RootedTarget
from codered.targets.windows_names import find_below, list_names
from codered.targets.windows_volumes import declared_volumes, find_volumes

_HIVES = ("system32\\config\\software", "system32\\config\\system")


class OfflineRoot(RootedTarget):
    """A folder that is another system's root. Raises WrongUse if it is no readable folder."""

    def __init__(self, folder: str) -> None:
        path = os.path.realpath(os.fsencode(folder))
        if not os.path.isdir(path):
            raise WrongUse("no such folder", where=folder, advice="--root takes a mounted volume or an unpacked tree")
        root = _as_text(path)
        linux = _looks_like_linux(path) and not find_volumes(path, "")
        volumes: tuple[Volume, ...] = () if linux else declared_volumes(path, "")
        info = TargetInfo(
            kind="offline_root",
            root=root,
            system="linux" if linux else "windows",
            offers=("files", "logs", "autostart", "accounts") if linux else ("files", "logs"),
            volumes=volumes,
        )
        try:
            super().__init__(info)
        except OSError as error:
            advice = "run it as somebody who may read the folder"
            raise WrongUse(f"can't be read ({error.strerror})", where=folder, advice=advice) from None
        self._info = self._with_hives_named()

    def _with_hives_named(self) -> TargetInfo:
        """What can be asked depends on whether the hives of a Windows are there, or only some of its folders."""
        info = self.info
        if info.system != "windows":
            return info
        if holds_hives(self):
            return replace(info, offers=(*info.offers, "registry", "autostart", "accounts"))
        return info


def holds_hives(target: Target) -> bool:
    """Whether hives lie in one of the folders at the top of a volume of the target: a Windows may have any name."""
    for volume in (os.fsencode(each.prefix) for each in target.info.volumes):
        start = volume + b"/" if volume else b""
        if any(find_below(target, start + name, hive) for name in list_names(target, volume) for hive in _HIVES):
            return True
    return False


def _as_text(path: bytes) -> str:
    """The root's path as a report can carry it."""
    try:
        return path.decode()
    except UnicodeDecodeError:
        shown = path.decode(errors="backslashreplace")
        raise WrongUse("a name that is not UTF-8", where=shown, advice="mount or rename the folder") from None


def is_linux_system(path: bytes) -> bool:
    """Whether a folder is surely the root of a Linux system, and not just a folder that has an `etc`."""
    named = (b"etc/passwd", b"etc/os-release", b"usr/lib/os-release", b"etc/debian_version", b"etc/redhat-release")
    return _looks_like_linux(path) and any(os.path.isfile(os.path.join(path, name)) for name in named)


def _looks_like_linux(path: bytes) -> bool:
    has = {name for name in (b"etc", b"usr", b"bin", b"var", b"home") if os.path.isdir(os.path.join(path, name))}
    return b"etc" in has and len(has) >= 2
