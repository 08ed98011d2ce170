"""All checks, in order: can it be trusted, does it work, what can it do here."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from codered import __version__
from codered.model.errors import CodeRedError
from codered.model.self_check import Check, SelfCheck
from codered.self_check import surroundings
from codered.self_check.installation import Installation, find_installation
from codered.self_check.layers import check_linux, check_windows
from codered.self_check.own_files import check_own_files
from codered.self_check.releases import check_against_release
from codered.self_check.trying import try_packs


class AgainstRelease(NamedTuple):
    """The manifest of a release, and the public key of who published it."""

    manifest: Path
    key: Path


def check_self(against: AgainstRelease | None = None) -> SelfCheck:
    """Check the tool that runs this. Raises WrongUse for a key or manifest that can't be read."""
    installed = find_installation()
    return SelfCheck(
        format="codered/self-check/1",
        tool=f"codered {__version__}",
        checked=datetime.now(UTC),
        installation=installed.kind,
        folder=str(installed.program or installed.folder),
        checks=tuple(_check_all(installed, against)),
    )


def _check_all(installed: Installation, against: AgainstRelease | None) -> Iterator[Check]:
    begun = surroundings.read_clocks()
    if against is not None:
        yield check_against_release(installed, against.manifest, against.key)
    else:
        yield check_own_files(installed)
    packs, shipped = surroundings.check_packs()
    yield packs
    try:
        yield from try_packs(shipped)
    except (CodeRedError, OSError) as error:
        told = f"it can't be tried: {error}"
        yield Check(subject="trial", group="work", state="unchecked", told=told, advice="make room in the temp folder")
    yield surroundings.check_state_folder()
    yield surroundings.check_clock(surroundings.read_made(installed.folder), begun)
    yield from check_windows() if sys.platform == "win32" else check_linux()
