"""Every file of every package compared with what the package manager has on record, by several processes: threads
would wait for each other between small files, a third of the time (measured).
"""

import os
from collections import Counter
from functools import partial
from itertools import groupby

import msgspec

from codered.collect.autostart.reading import Reader
from codered.collect.dpkg_files import DpkgFiles
from codered.collect.dpkg_records import INFO, STATUS
from codered.collect.file_comparing import FileComparer
from codered.collect.forking import run_forked
from codered.collect.path_excludes import FOLDER, is_excluded, read_excludes
from codered.collect.recorded_files import WHOLE, Recorded, Share, Wanted, want_all
from codered.collect.recorded_places import RecordedPlaces, list_names
from codered.collect.rpm_program import find_database
from codered.collect.rpm_records import RpmFiles
from codered.collect.walking import Unwalked
from codered.model.known_good import Deviation
from codered.model.target import Target

EXCLUDED = "missing, and dpkg is told never to unpack it (path-exclude)"
LEFT_OUT = "neither run nor served: not compared with its package"
LOST = "a process that compared a part of the packages ended before its time: that part was not compared"
PROCESSES_PER_CORE = 2  # while one waits for the disk
_SHARES_PER_CORE = 8  # so that no worker works alone at the end
_MOST_RULE_FILES = 100


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What became of comparing: the deviations by path, what could not be compared (or was left out, with the number),
    and how many packages, files and bytes were; `sought` is how many files of each package were looked for.
    """

    deviations: tuple[Deviation, ...] = ()
    unread: tuple[Unwalked, ...] = ()
    left_out: int = 0
    excluded: int = 0
    packages: int = 0
    files: int = 0
    bytes: int = 0
    sought: dict[str, int] = {}


def verify_packages(
    target: Target, wanted: Wanted = want_all, share: Share = WHOLE, processes: int = 0, names: bool = True
) -> Verified:
    """Compare the files of all packages, or of one share of them. `names`: also tell which folders and links of them
    are missing. `processes` 0 = as many as fit the processor, 1 = only this one. No error of a single file ends it.
    """
    count = processes or len(os.sched_getaffinity(0)) * PROCESSES_PER_CORE
    if count == 1:
        return _verify_share(target, wanted, share, names)
    shares = [Share(share.part * count + number, share.parts * count) for number in range(count)]
    return _merge(run_forked([partial(_verify_share, target, wanted, one, names) for one in shares], Verified))


def count_shares(target: Target, cores: int) -> int:
    """Into how many shares the packages are best cut for so many cores: 0 if there are no records. rpm is asked anew
    for each share, dpkg's records are read in a blink.
    """
    if find_database(target) is not None:
        return cores
    reader = Reader(target)
    return cores * _SHARES_PER_CORE if reader.stat(STATUS) is not None and reader.stat(INFO) is not None else 0


def _merge(parts: list[Verified | None]) -> Verified:
    done = [part for part in parts if part is not None]
    lost = (Unwalked(b"", "failed", LOST),) * (len(parts) - len(done))
    deviations = sorted((item for part in done for item in part.deviations), key=_rank)
    return Verified(
        deviations=tuple(deviations),
        unread=(*dict.fromkeys(item for part in done for item in part.unread), *lost),
        left_out=sum(part.left_out for part in done),
        excluded=sum(part.excluded for part in done),
        packages=sum(part.packages for part in done),
        files=sum(part.files for part in done),
        bytes=sum(part.bytes for part in done),
        sought=sum((Counter(part.sought) for part in done), Counter()),
    )


def _verify_share(target: Target, wanted: Wanted, share: Share, names: bool) -> Verified:
    reader = Reader(target)
    dpkg, rpm = DpkgFiles(reader, share), RpmFiles(reader, share)
    comparer = FileComparer(target, RecordedPlaces(target))
    left_out, sought = 0, Counter[str]()
    ordered = sorted((*dpkg.read(), *rpm.read()), key=_folder)
    for _, group in groupby(ordered, key=_folder):
        items = [item for item in group if names or item.digest]
        chosen = items if wanted is want_all else [item for item in items if wanted(item.rel)]
        left_out += len(items) - len(chosen)
        sought.update(item.package for item in chosen)
        if chosen:
            comparer.compare_folder(chosen)
    told, excluded = _drop_excluded(reader, comparer.deviations)
    return Verified(
        deviations=tuple(sorted(told, key=_rank)),
        unread=(*dict.fromkeys(reader.unread), *comparer.unread),
        left_out=left_out,
        excluded=excluded,
        packages=dpkg.packages + rpm.packages,
        files=comparer.files,
        bytes=comparer.bytes,
        sought=sought,
    )


def _folder(item: Recorded) -> bytes:
    return item.rel.rpartition(b"/")[0]


def _rank(item: Deviation) -> tuple[bytes, str]:
    return item.path.to_bytes() if item.path else b"", item.kind


def _drop_excluded(reader: Reader, deviations: list[Deviation]) -> tuple[list[Deviation], int]:
    """The deviations without what is missing because dpkg does not unpack it, and the number of these."""
    if not any(item.kind == "missing" for item in deviations):
        return deviations, 0
    files = [
        rel for rel in list_names(reader.target, FOLDER, _MOST_RULE_FILES) if not rel.endswith((b"~", b".dpkg-old"))
    ]
    rules = read_excludes(reader, files)
    root = len(reader.target.absolute(b"").rstrip(b"/")) + 1
    told = [
        item
        for item in deviations
        if item.kind != "missing" or item.path is None or not is_excluded(rules, item.path.to_bytes()[root:])
    ]
    return told, len(deviations) - len(told)
