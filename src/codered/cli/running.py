"""What the words share between the command line and a scan: which target, which rules, which progress display."""

import ipaddress
import os
import sys
from pathlib import Path
from typing import Literal

import msgspec

from codered.cli.output import say
from codered.cli.progress import show_progress
from codered.model.allow_list import NOTHING_ALLOWED, AllowList
from codered.model.errors import Refused, WrongUse
from codered.model.pack import LoadedPack
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import ChangeableTarget, Place, TargetInfo
from codered.packs.heuristics import load_heuristics
from codered.packs.loading import choose_packs_folder, find_packs_folder, load_pack, load_packs
from codered.packs.rule_sets import NO_HEURISTICS, read_rules
from codered.scan import ScanRequest, scan
from codered.scan.request import EarlierLooks, KnownGood, Network
from codered.system.private_files import cache_home, shared_home
from codered.system.state_folder import state_folder
from codered.targets import open_log_files, open_target
from codered.targets.host_places import list_host_places
from codered.targets.offline_root import is_linux_system
from codered.targets.windows_places import list_windows_places


class Where(msgspec.Struct, frozen=True):
    """The target and the places on it that the user asked for."""

    target: ChangeableTarget
    places: tuple[Place, ...]
    logs_only: bool = False
    read_logs: bool = True


def is_whole(where: Where) -> bool:
    """Whether more than logs is looked at: what starts by itself and what web servers run is judged by heuristics."""
    return not where.logs_only


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How to scan: see `scan.ScanRequest`; `jobs` are processor cores, 0 = all. What `earlier` scans found clean is
    "used", or "refused" by the user; "" = every file is read, as where a change is to be verified. `baseline` is what
    the system was, `watch` for how many seconds the network behaviour of a live host is watched.
    """

    internal: tuple[Network, ...] = ()
    jobs: int = 0
    fast: bool = False
    full: bool = False
    dump: str = ""
    advisories: str = ""
    earlier: Literal["", "used", "refused"] = ""
    baseline: KnownGood | None = None
    watch: float = 0.0


USUAL = Manner()
HOST_LIST = "/etc/codered/allow.yaml"
WINDOWS_LIST = "allow.yaml"  # in the machine's own folder for state
EVERYTHING = Place("every file of this host", ("/",))


def load_rules(names: tuple[str, ...] = (), *, whole: bool = True) -> RuleSet:
    """The packs of these names (none = all), compiled or from the cache; with the heuristics where `whole`.
    Raises WrongUse.
    """
    packs = load_named_packs(names)
    folder = find_packs_folder()
    heuristics = load_heuristics(folder, patterns_too=False) if whole else NO_HEURISTICS
    ready = read_rules(packs, cache_folder(), heuristics)
    if ready is not None:
        return ready
    from codered.packs.compiling import compile_packs

    return compile_packs(packs, cache_folder(), load_heuristics(folder) if whole else NO_HEURISTICS)


def load_named_packs(names: tuple[str, ...] = ()) -> tuple[LoadedPack, ...]:
    """The shipped packs of these names, and the packs in these folders, written with a `/` (none = all shipped ones).
    Raises WrongUse.
    """
    folders = [name for name in names if os.sep in name or "/" in name]
    shipped = tuple(name for name in names if name not in folders)
    folder, warning = choose_packs_folder()
    if warning:
        say(f"codered: {warning}")
    packs = load_packs(folder, shipped) if shipped or not folders else ()
    own = [load_pack(Path(folder)) for folder in dict.fromkeys(folders)]
    return tuple(sorted((*packs, *own), key=lambda loaded: loaded.pack.name))


def load_allowed(*, is_host: bool = True) -> AllowList:
    """The allow-list that CODERED_ALLOW names, else this host's /etc/codered/allow.yaml, which says nothing about
    another system; empty if there is none. Raises WrongUse.
    """
    named = os.environ.get("CODERED_ALLOW")
    path = Path(named) if named else find_host_list()
    if not named and not (is_host and os.path.lexists(path)):
        return NOTHING_ALLOWED
    from codered.packs.allow_list import load_allow_list

    return load_allow_list(path)


def find_host_list() -> Path:
    """Where this host's own allow-list lies."""
    return shared_home() / WINDOWS_LIST if sys.platform == "win32" else Path(HOST_LIST)


def cache_folder() -> Path:
    """Where compiled rules are kept: CODERED_CACHE, /var/cache/codered for root, else the user's cache folder."""
    if named := os.environ.get("CODERED_CACHE"):
        return Path(named)
    return cache_home()


def choose_target(paths: tuple[str, ...], root: str | None, logs: tuple[str, ...], *, full: bool = False) -> Where:
    """The target for a command line. Raises WrongUse for a missing path or words that exclude one another."""
    if root is not None and (paths or logs):
        raise WrongUse(
            "--root stands alone", advice="scan the volume with --root DIR, other paths in a scan of their own"
        )
    if logs:
        return _choose_logs((*logs, *paths))
    if root is not None:
        target = open_target(root)
        return Where(target, (Place(target.info.root, (target.info.root,)),))
    if paths:
        found = tuple(existing_path(path) for path in paths)
        if whole := _find_whole_system(found):
            return whole
        scope = tuple(os.fsencode(path) for path in found)
        target = open_target(scope=scope)
        _refuse_odd_names(target.info)
        return Where(target, tuple(Place(path, (path,)) for path in found))
    target = open_target()
    if target.info.kind == "live_windows":
        drives = tuple(volume.drive for volume in target.info.volumes)
        places = list_windows_places(drives)
        every = Place(EVERYTHING.what, tuple(f"{drive}:\\" for drive in drives))
    else:
        places, every = list_host_places(), EVERYTHING
    return Where(target, (every,) if full else tuple(place for place in places if place.paths))


def _find_whole_system(found: tuple[str, ...]) -> Where | None:
    """The whole system that a path is: a Linux system's autostart and accounts are no less part of it than its files.
    Raises WrongUse if it is one of several paths.
    """
    if "/" in found:
        return Where(open_target(), (EVERYTHING,))
    systems = [path for path in found if is_linux_system(os.fsencode(path))]
    if not systems:
        return None
    if len(found) > 1:
        raise WrongUse("a whole Linux system", where=systems[0], advice="scan it by itself: codered scan --root DIR")
    say(f"codered: {systems[0]} is a Linux system: looked at as with --root")
    target = open_target(systems[0])
    return Where(target, (Place(target.info.root, (target.info.root,)),))


def run_scan(where: Where, rules: RuleSet, manner: Manner = USUAL) -> Report:
    """Scan with a progress display on stderr where that is a terminal. Raises WrongUse."""
    request = ScanRequest(
        places=where.places,
        command=tuple(sys.argv[1:]),
        logs_only=where.logs_only,
        read_logs=where.read_logs,
        must_find_files=where.read_logs and not where.logs_only and not manner.fast,
        internal=manner.internal,
        cores=manner.jobs,
        allowed=load_allowed(is_host=where.target.info.kind in ("live_linux", "live_windows")),
        fast=manner.fast,
        full=manner.full,
        dump=manner.dump,
        advisories=manner.advisories,
        earlier=_earlier_looks(manner),
        baseline=manner.baseline,
        watch=manner.watch,
    )
    with show_progress() as tell:
        return scan(where.target, request, rules, tell)


def _earlier_looks(manner: Manner) -> EarlierLooks:
    if manner.earlier == "used":
        try:
            return EarlierLooks(str(cache_folder() / "seen"), str(state_folder() / "seen.key"))
        except Refused as error:  # no reason not to scan
            return EarlierLooks(refused=f"{error.what} ({error.where})")
    return EarlierLooks(refused="--no-cache" if manner.earlier else "")


def parse_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """The networks of `--internal`. Raises WrongUse."""
    try:
        return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise WrongUse(str(error), where="--internal", advice="write a network as 10.0.0.0/8") from None


def existing_path(path: str) -> str:
    """The real path of something that must exist. Raises WrongUse."""
    try:
        return os.path.realpath(path, strict=True)
    except OSError as error:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            what = f"can't be reached ({error.strerror})"
            raise WrongUse(what, where=path, advice="run it as somebody who may read it") from None
        raise WrongUse(
            "no such file or folder", where=path, advice="check the spelling, or that it is mounted"
        ) from None


def _refuse_odd_names(info: TargetInfo) -> None:
    """A plan carries the names of its volumes as text, and must find them again to verify."""
    for volume in info.volumes:
        try:
            volume.prefix.encode()
        except UnicodeEncodeError:
            advice = "mount or rename the folder"
            raise WrongUse("a volume whose name is not UTF-8", where=f"/{volume.prefix}", advice=advice) from None


def _choose_logs(named: tuple[str, ...]) -> Where:
    """Folders stay folders: the walk of the scan tells what it could not look into."""
    paths = tuple(existing_path(path) for path in named)
    if not any(_may_hold_files(path) for path in paths):
        raise WrongUse(
            "no files in it", where=", ".join(named), advice="--logs takes log files, or folders that hold some"
        )
    scope = tuple(os.fsencode(path) for path in paths)
    return Where(open_log_files(scope), (Place("web logs", paths),), logs_only=True)


def _may_hold_files(path: str) -> bool:
    """False for a folder that was listed to its last corner and holds no file."""
    troubles: list[OSError] = []
    if not os.path.isdir(path) or any(names for _, _, names in os.walk(path, onerror=troubles.append)):
        return True
    return bool(troubles)
