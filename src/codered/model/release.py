"""What a release says of itself: `release.json`."""

from datetime import datetime
from typing import Final, Literal

import msgspec

RELEASE_FORMAT: Final = "codered/release/1"


class ReleasedFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a release: `size` in bytes, `what` it is for, and what it `needs` to run ("" = nothing)."""

    name: str
    sha256: str
    size: int
    what: str
    needs: str = ""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A release: the commit that it was made from, that commit's time (aware, in UTC), the release of Python that made
    it (another one compiles to other bytes), and its files by name.
    """

    format: Literal["codered/release/1"]
    version: str
    commit: str
    time: datetime
    python: str
    files: tuple[ReleasedFile, ...]
