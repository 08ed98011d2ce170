"""Which drive letter Windows gave which partition: as its registry says, or assumed."""

import struct
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from codered.model.target import Volume

_PREFIX = "\\dosdevices\\"
_GPT = b"DMIO:ID:"
_LETTERS = "CDEFGHIJKLMNOPQRSTUVWXYZ"


class DriveVolume(NamedTuple):
    """A volume that may have a letter: `prefix` as of `model.target.Volume`, where it starts on its disk in bytes, the
    disk's MBR signature, the partition's GUID as GPT stores it (b"" = none), and whether Windows is installed on it.
    """

    prefix: str
    start: int = 0
    signature: bytes = b""
    guid: bytes = b""
    has_system: bool = False


def assume_drives(volumes: Iterable[DriveVolume]) -> tuple[Volume, ...]:
    """The volume with a Windows system folder is C, the others follow in their order; from Z on there are none."""
    ordered = sorted(volumes, key=lambda volume: not volume.has_system)
    return tuple(Volume(volume.prefix, letter) for volume, letter in zip(ordered, _LETTERS, strict=False))


def map_drives(volumes: Iterable[DriveVolume], mounted: Mapping[str, bytes], system: str = "C") -> tuple[Volume, ...]:
    """The letters by the values of `HKLM\\SYSTEM\\MountedDevices`; volumes that are not in it get none of them, but one
    that is still free. `system` is the letter by which Windows calls its own volume: a disk that was copied to another
    place is not known to its own registry, and what stands there for this letter then is another disk.
    """
    letters = {}
    for name, data in mounted.items():
        low = name.lower()
        if low.startswith(_PREFIX) and len(low) == len(_PREFIX) + 2 and low[-2].upper() in "AB" + _LETTERS:
            letters[bytes(data)] = low[-2].upper()
    every = list(volumes)
    known = {volume.prefix: letters[key] for volume in every for key in _keys_of(volume) if key in letters}
    own = next((volume.prefix for volume in every if volume.has_system), None)
    if own is not None and own not in known and system not in known.values():
        known[own] = system
    taken = set(letters.values())
    free = iter([letter for letter in _LETTERS if letter not in taken])
    found = {volume.prefix: known.get(volume.prefix) or next(free, "") for volume in every}
    return tuple(Volume(prefix, letter) for prefix, letter in found.items() if letter)


def _keys_of(volume: DriveVolume) -> list[bytes]:
    keys = [_GPT + volume.guid] if volume.guid else []
    if len(volume.signature) == 4:
        keys.append(volume.signature + struct.pack("<Q", volume.start))
    return keys


def is_known(volume: DriveVolume, mounted: Mapping[str, bytes]) -> bool:
    """Whether the registry has a letter for it."""
    keys = _keys_of(volume)
    return any(bytes(data) in keys for name, data in mounted.items() if name.lower().startswith(_PREFIX))
