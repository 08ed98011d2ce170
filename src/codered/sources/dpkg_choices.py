"""What the administrator of a target told dpkg: files that are kept elsewhere (diversions), and those whose owner and
mode are his own choice (statoverride). The records lie on the suspect machine: sizes are capped.
"""

from codered.model.target import Target
from codered.sources.folders import read_small
from codered.sources.tar_files import other_names

_MOST_BYTES = 8 << 20
_DIVERSIONS = b"var/lib/dpkg/diversions"
_OVERRIDES = b"var/lib/dpkg/statoverride"


def packaged_name(target: Target, rel: bytes, package: str) -> bytes:
    """What the package itself calls the file at this path: another name where a diversion by another package moved it
    here.
    """
    lines = read_small(target, _DIVERSIONS, _MOST_BYTES).split(b"\n")
    names = other_names(rel)
    for number in range(0, len(lines) - 2, 3):
        came_from, lies_at, by = lines[number : number + 3]
        if lies_at.lstrip(b"/") in names and by != package.encode(errors="surrogateescape"):
            return came_from.lstrip(b"/")
    return rel


def is_overridden(target: Target, rel: bytes) -> bool:
    """Whether owner and mode of the file are the administrator's choice."""
    names = other_names(rel)
    lines = read_small(target, _OVERRIDES, _MOST_BYTES).split(b"\n")
    return any(line.split(b" ", 3)[-1].lstrip(b"/") in names for line in lines if line.count(b" ") >= 3)
