"""What is known of a system's software: its release, its packages, what lies in its web roots. No judgement."""

import os
import re
from collections.abc import Callable
from typing import NamedTuple

from codered.collect.autostart.reading import Reader
from codered.collect.installed_packages import list_packages
from codered.collect.software_manifests import find_components
from codered.collect.walking import Unwalked
from codered.model.patches import PatchFacts, SoftwareGap
from codered.model.paths import path_from_bytes
from codered.model.target import Target

OS_RELEASE = (b"usr/lib/os-release", b"etc/os-release")
_SETTING = re.compile(r"^(ID|VERSION_ID|VERSION_CODENAME)=[\"']?([A-Za-z0-9._-]{1,64})[\"']?$", re.MULTILINE)

OwnerOf = Callable[[bytes], str]


class FactsSeen(NamedTuple):
    """The facts, how many packages and manifests were read for them, and what could not be."""

    facts: PatchFacts
    packages: int
    manifests: int
    unread: tuple[Unwalked, ...]


def collect_facts(target: Target, more: tuple[bytes, ...], owner_of: OwnerOf, *, components: bool = True) -> FactsSeen:
    """The facts of a system. `more` are web roots beside the usual places (below the root); without `components` only
    packages are asked.
    """
    if target.info.system == "windows":
        return FactsSeen(PatchFacts(platform="windows"), 0, 0, ())
    reader = Reader(target)
    release = _read_release(reader)
    before = len(reader.unread)
    packages = list_packages(reader)
    cut = [
        SoftwareGap("packages", path_from_bytes(target.absolute(one.rel)).text, one.why)
        for one in reader.unread[before:]
    ][:1]
    seen = find_components(target, more, owner_of) if components else None
    facts = PatchFacts(
        platform="linux",
        distribution=release.get("ID", ""),
        release=release.get("VERSION_ID", ""),
        codename=release.get("VERSION_CODENAME", ""),
        packages=packages,
        components=seen.components if seen else None,
        gaps=(*cut, *(seen.gaps if seen else ())),
    )
    unread = (*reader.unread, *(seen.unread if seen else ()))
    return FactsSeen(facts, len(packages or ()), seen.manifests if seen else 0, unread)


def find_more_roots(paths: tuple[str, ...], target: Target) -> tuple[bytes, ...]:
    """Web roots of this host as paths below its root."""
    root = os.fsencode(target.info.root).rstrip(b"/")
    return tuple(os.fsencode(path).removeprefix(root).strip(b"/") for path in paths)


def _read_release(reader: Reader) -> dict[str, str]:
    for rel in OS_RELEASE:
        file = reader.read(rel)
        if file is not None:
            return dict(_SETTING.findall(file.data.decode(errors="replace")))
    return {}
