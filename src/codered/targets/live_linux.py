"""The Linux host the tool runs on."""

import os
import socket

from codered.model.target import Capability, TargetInfo, TargetKind, Volume
from codered.targets.rooted import RootedTarget
from codered.targets.windows_volumes import find_volumes

MOST_PARENTS = 8  # folders upwards in which a volume is looked for
_FILES: tuple[Capability, ...] = ("files", "logs", "live")
_ALL: tuple[Capability, ...] = (*_FILES, "processes", "memory", "network", "autostart", "accounts")


def name_host() -> str:
    """The name of the host; the kernel takes any bytes for one, a report takes UTF-8."""
    return os.fsencode(socket.gethostname()).decode(errors="backslashreplace")


class LiveLinux(RootedTarget):
    """The host itself, root `/`. Without a scope it is the whole host, with what runs and what starts by itself. Paths
    of a scope that are Windows volumes (mounted disks) get Windows names. Kind "log_files": files that happen to lie
    here and may come from anywhere, so they say nothing of the host.
    """

    def __init__(self, scope: tuple[bytes, ...] = (), kind: TargetKind = "live_linux") -> None:
        look_in = scope if kind == "live_linux" else ()
        volumes = {volume.prefix: volume for path in look_in for volume in _find_around(path)}
        super().__init__(
            TargetInfo(
                kind=kind,
                root="/",
                host=name_host() if kind == "live_linux" else "",
                system="linux",
                offers=_FILES if scope or kind != "live_linux" else _ALL,
                volumes=tuple(volumes.values()),
            )
        )


def _find_around(path: bytes) -> tuple[Volume, ...]:
    """The volumes that a path is, holds by its drive folders, or lies in: a part of a volume has Windows names too."""
    found = find_volumes(path, os.fsdecode(path[1:]))
    if found:
        return found
    folder = path
    for _ in range(MOST_PARENTS):
        folder = os.path.dirname(folder)
        if folder in (b"", b"/"):
            return ()
        above = os.path.dirname(folder)
        # A volume among drive folders has the letter of its folder, which only the folder above tells.
        for place in (above, folder) if above != b"/" else (folder,):
            found = find_volumes(place, os.fsdecode(place[1:]))
            around = tuple(
                volume for volume in found if _holds(volume, path) and volume.prefix != os.fsdecode(above[1:])
            )
            if around:
                return around
    return ()


def _holds(volume: Volume, path: bytes) -> bool:
    return path.startswith(b"/" + os.fsencode(volume.prefix) + b"/")
