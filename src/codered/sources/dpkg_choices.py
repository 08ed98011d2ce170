"""What the administrator of a target told dpkg: files that are kept elsewhere (diversions), and those whose owner and
mode are his own choice (statoverride). The records lie on the suspect machine: sizes are capped.
"""

import re

from codered.model.target import Target
from codered.sources.folders import read_small
from codered.sources.tar_files import other_names

_MOST_BYTES = 8 << 20
_DIVERSIONS = b"var/lib/dpkg/diversions"
_OVERRIDES = b"var/lib/dpkg/statoverride"
_STATUS = b"var/lib/dpkg/status"
_MOST_STATUS = 64 << 20
_FIELDS = re.compile(rb"^(Version|Architecture): (\S+)$", re.MULTILINE)


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


def installed_version(target: Target, package: str) -> tuple[str, str] | None:
    """Version and architecture of the installed package of this name (`name:architecture` too); None if dpkg knows
    none.
    """
    name, _, wanted = package.partition(":")
    opening = b"Package: " + name.encode(errors="surrogateescape") + b"\n"
    status = b"\n\n" + read_small(target, _STATUS, _MOST_STATUS)
    start = status.find(b"\n\n" + opening)
    while start >= 0:
        end = status.find(b"\n\n", start + 2)
        stanza = status[start + 2 : end if end >= 0 else len(status)]
        fields = {key: value.decode(errors="replace") for key, value in _FIELDS.findall(stanza)}
        if b"Version" in fields and wanted in ("", fields.get(b"Architecture", "")):
            return fields[b"Version"], fields.get(b"Architecture", "")
        start = status.find(b"\n\n" + opening, start + 2)
    return None
