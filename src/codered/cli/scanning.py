"""What `codered scan` does with the words it was given."""

import os
import stat
import sys
from pathlib import Path

from codered.cli import running
from codered.cli.lengths import parse_length
from codered.cli.options import ScanOptions
from codered.cli.progress import show_progress
from codered.cli.scanning_traffic import refuse_traffic_contradictions, scan_captures, scan_network
from codered.model.errors import WrongUse
from codered.model.report import Report
from codered.model.target import Target
from codered.scan.request import KnownGood
from codered.system.private_files import is_ours_to_write, make_private_folder


def scan(asked: ScanOptions) -> Report:
    """The scan that was asked for. Raises WrongUse."""
    if asked.memory:
        return scan_memory_dump(asked)
    if asked.image:
        return scan_disk_image(asked)
    if asked.capture:
        return scan_captures(asked)
    return scan_network(asked) if asked.network else scan_target(asked)


def refuse_contradictions(asked: ScanOptions) -> None:
    """Words that exclude one another. Raises WrongUse."""
    refuse_traffic_contradictions(asked)
    if asked.memory and (asked.paths or asked.root or asked.logs):
        raise WrongUse("--memory stands alone", advice="scan the dump by itself, the rest in a scan of its own")
    if asked.image and (asked.paths or asked.root or asked.logs or asked.memory):
        raise WrongUse("--image stands alone", advice="scan the image by itself, the rest in a scan of its own")
    if (asked.no_hash or asked.deleted) and not asked.image:
        raise WrongUse("--no-hash and --deleted are for --image", advice="leave them away")
    if asked.fast and asked.full:
        raise WrongUse("--fast and --full exclude one another", advice="choose one")
    whole_host = not (asked.paths or asked.root or asked.logs or asked.memory or asked.image)
    if asked.full and not whole_host:
        raise WrongUse("--full is for this host", advice="leave PATH, --root, --logs and --memory away")
    if asked.fast and not (whole_host or asked.root):
        raise WrongUse("--fast is for a whole system", advice="leave PATH, --logs and --memory away")
    if asked.baseline and not (whole_host or asked.root):
        raise WrongUse("--baseline is for a whole system", advice="leave PATH, --logs and --memory away")
    if asked.dump and not whole_host:
        raise WrongUse("--dump is for the memory of this host", advice="leave PATH, --root, --logs and --memory away")


def scan_target(asked: ScanOptions) -> Report:
    """The scan of this host, of paths, of an offline system or of logs. Raises WrongUse."""
    where = running.choose_target(asked.paths, asked.root, asked.logs, full=asked.full)
    manner = running.Manner(
        internal=running.parse_networks(asked.internal),
        jobs=asked.jobs or 0,
        fast=asked.fast,
        full=asked.full,
        dump=_make_dump_folder(asked.dump),
        advisories=find_advisories(asked.advisories),
        earlier="refused" if asked.no_cache else "used",
        baseline=_read_baseline(asked.baseline, where.target),
        watch=parse_length(asked.watch, "--watch"),
    )
    rules = running.load_rules(asked.packs, whole=running.is_whole(where))
    return running.run_scan(where, rules, manner)


def _read_baseline(named: str | None, target: Target) -> KnownGood | None:
    """The baseline that was named, as a scan asks it. Raises WrongUse, Refused."""
    if not named:
        return None
    from codered.cli.known_baseline import make_look, read_known_good  # with the keys, which a scan seldom needs

    return make_look(read_known_good(named, target), target)


def scan_memory_dump(asked: ScanOptions) -> Report:
    """The scan of a memory dump. Raises WrongUse."""
    from codered.scan.dump_scan import scan_dump

    path = os.fsencode(running.existing_path(asked.memory or ""))
    with show_progress() as tell:
        return scan_dump(path, running.load_rules(asked.packs, whole=False), tuple(sys.argv[1:]), asked.jobs or 0, tell)


def scan_disk_image(asked: ScanOptions) -> Report:
    """The scan of a disk image. Raises WrongUse."""
    from codered.cli.scanning_image import scan_named_image  # with the readers of images, which a scan seldom needs

    return scan_named_image(asked)


def find_advisories(named: str | None) -> str:
    """The folder of advisories that was named, "" if none was. Raises WrongUse if it is no folder."""
    if not named:
        return ""
    path = running.existing_path(named)
    if not os.path.isdir(path):
        raise WrongUse("is no folder", where=named, advice="--advisories takes a folder of OSV files")
    return path


def _make_dump_folder(named: str | None) -> str:
    """The folder for memory regions, which is its owner's alone. Raises WrongUse."""
    if not named:
        return ""
    folder = Path(named).absolute()
    advice = "name a new folder, or one that only you can write to"
    try:
        folder.parent.stat()
        make_private_folder(folder)
        seen = folder.stat(follow_symlinks=False)
    except OSError as error:
        raise WrongUse(f"can't be used: {error.strerror}", where=named, advice=advice) from None
    if not stat.S_ISDIR(seen.st_mode) or not is_ours_to_write(seen, folder):
        raise WrongUse("is no folder of yours alone", where=named, advice=advice)
    return str(folder)
