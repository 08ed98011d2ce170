"""What a scan is asked to do, and how it tells how far it is."""

import ipaddress
from collections.abc import Callable
from typing import Protocol

import msgspec

from codered.model.allow_list import NOTHING_ALLOWED, AllowList
from codered.model.known_good import Deviation
from codered.model.target import Place, Target
from codered.scan.tasks import Counted

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class EarlierLooks(msgspec.Struct, frozen=True):
    """What earlier scans found clean and need not be read again: kept in the folder `kept_in` ("" = it is not asked
    for), sealed with the key in the file `key`. `refused`: why it is not used all the same, for the report.
    """

    kept_in: str = ""
    key: str = ""
    refused: str = ""


ANEW = EarlierLooks()


class KnownGood(Protocol):
    """What a signed baseline answers to a scan (`scan.baseline_look.BaselineLook`)."""

    def compare(self, target: Target) -> tuple[tuple[Deviation, ...], tuple[Counted, ...]]:
        """How the target differs from it, and what was looked at."""
        ...

    def vouches_for(self, target: Target, deviation: Deviation) -> bool:
        """Whether a file that is not as its package has it is what it was when the baseline was made."""
        ...


class ScanRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`places` to look at, below the target's root; `logs_only`: take every file for a web log and nothing else;
    `read_logs`: also read the web logs among the files;
    `must_find_files`: places without any file are a gap, not clean;
    `internal`: the networks whose addresses are one's own (empty: private ranges); `command` as the user typed it;
    `allowed`: what the administrator vouches for; `fast`: on a live system only what runs, what starts by itself and
    what findings there point to; `full` is for the report, `places` then are the whole system; `dump`: a folder for the
    memory regions in which something is found ("" = they are not kept); `advisories`: a folder of advisories in the OSV
    format ("" = none); `earlier` looks at the files that did not change since; `baseline`: what the
    system was (None = there is none); `watch`: for how many seconds a whole live host's behaviour on the network is
    watched beside the rest (0 = not at all).
    """

    places: tuple[Place, ...]
    command: tuple[str, ...] = ()
    logs_only: bool = False
    read_logs: bool = True
    must_find_files: bool = False
    internal: tuple[Network, ...] = ()
    cores: int = 0
    allowed: AllowList = NOTHING_ALLOWED
    fast: bool = False
    full: bool = False
    dump: str = ""
    advisories: str = ""
    earlier: EarlierLooks = ANEW
    baseline: KnownGood | None = None
    watch: float = 0.0


class Progress(msgspec.Struct):
    """How far a scan is. `files_known` grows until `walked` is true; only then a share of it means anything.
    `alarms` are findings in what runs, to be told at once; `seconds_left` of a watch that is over by the clock
    (negative = it is none).
    """

    files: int = 0
    bytes: int = 0
    files_known: int = 0
    walked: bool = False
    findings: int = 0
    log_bytes: int = 0
    place: str = ""
    alarms: tuple[str, ...] = ()
    seconds_left: float = -1.0


OnProgress = Callable[[Progress], None]


def ignore_progress(_progress: Progress) -> None:
    """For callers who don't show any."""
