"""Keys that are links to other keys. Whoever asks Windows for such a key gets the other one."""

import re
from typing import NamedTuple

LINK_FLAG = 0x10
LINK_VALUE = "SymbolicLinkValue"
MOST_LINKS = 8
"""Links that are followed on the way to one key: more is a circle, or meant to be one."""
NOWHERE = "a link to a key, and where it leads can't be told: what is there was not read"
TOO_MANY = f"more than {MOST_LINKS} links on the way to it: what is there was not read"
_TARGET = re.compile(r"\\Registry\\(?:(Machine)|User)(?:\\(.*))?", re.IGNORECASE | re.ASCII | re.DOTALL)


class KeyLink(NamedTuple):
    """The first link on the way to a key: after how many names, and where it leads as the kernel names it ("" = that
    is not known).
    """

    depth: int
    target: str


def name_target(link: KeyLink) -> str | None:
    """The key a link leads to (`HKLM\\…`, `HKU\\…`); None if it is out of the registry, or not told."""
    found = _TARGET.fullmatch(link.target)
    if found is None:
        return None
    top = "HKLM" if found[1] else "HKU"
    return f"{top}\\{found[2]}" if found[2] else top
