"""Where a link on a volume leads, told by its text alone: whether that is looked at where it lies."""

import re

from codered.model.target import Volume

INSIDE = "a link, its target is looked at where it lies"
_DRIVE = re.compile(r"(?:\\\?\?\\|\\\\\?\\)?([A-Za-z]):(?:\\|\Z)")
_VOLUME = re.compile(r"(?:\\\?\?\\|\\\\\?\\)volume\{", re.IGNORECASE)
_MOST_SHOWN = 200


def judge_link(leads: str, volumes: tuple[Volume, ...]) -> tuple[bool, str]:
    """Whether a link that leads to `leads` leaves a gap, and what to say. What is relative, or on a drive of the image,
    is looked at where it lies; another drive, another machine or a volume that only its Windows knows is not.
    """
    shown = "".join(char if char.isprintable() else "?" for char in leads[:_MOST_SHOWN])
    if not leads:
        return True, "a link that does not say where it leads"
    drive = _DRIVE.match(leads)
    if drive is not None:
        known = drive[1].upper() in {volume.drive for volume in volumes}
        return (False, INSIDE) if known else (True, f"a link to {shown}, which is not in this image")
    if _VOLUME.match(leads):
        return len(volumes) < 2, "a mount point of another volume" + (INSIDE[6:] if len(volumes) > 1 else f": {shown}")
    if leads.startswith(("\\\\", "\\??\\")):
        return True, f"a link to {shown}, which is not in this image"
    return False, INSIDE
