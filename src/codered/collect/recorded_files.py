"""What a package manager has on record for one file: the shape that the readers of dpkg's and rpm's records share."""

from collections.abc import Callable
from typing import NamedTuple

MOST_FILES = 400_000  # of one package: the largest real ones have some ten thousand

Wanted = Callable[[bytes], bool]
"""Whether the file of this path below the root is to be compared."""


class Recorded(NamedTuple):
    """A file, folder or link on record; `rel` lies below the root. What is not on record is "" or -1: the `digest`
    (hexadecimal, of `algorithm`), `mode` (all of st_mode), `uid`, `gid`, where a `link` leads, and the mask of its
    permitted `capabilities` (0 = it is to have none). `config`: the administrator may change or delete it;
    `may_miss`: it need not be there.
    """

    rel: bytes
    package: str
    digest: str = ""
    algorithm: str = "md5"
    mode: int = -1
    uid: int = -1
    gid: int = -1
    link: bytes = b""
    capabilities: int = -1
    config: bool = False
    may_miss: bool = False


class Share(NamedTuple):
    """The part of all packages that one worker compares: number `part` (from 0) of `parts`."""

    part: int = 0
    parts: int = 1


WHOLE = Share()


def want_all(_rel: bytes) -> bool:
    """For callers who leave nothing out."""
    return True
