"""Baselines of a target: making one, and comparing the target with one."""

import secrets
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from codered import __version__
from codered.collect.autostart.reading import Reader
from codered.collect.file_states import FolderChain, Start, walk_states
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.known_good.contents import ContentStore
from codered.known_good.mattering import Surroundings
from codered.known_good.state_changes import SystemSeen, compare_packages, compare_states
from codered.model.errors import WrongUse
from codered.model.known_good import NUMBERS, Baseline, Deviation, FolderRecord, Truth
from codered.model.paths import path_from_bytes
from codered.model.target import Target
from codered.scan.baseline_places import find_web_roots, list_starts, why_left_out
from codered.scan.explaining import drop_explained
from codered.scan.rechecking import Manner, Rechecked, Rechecker
from codered.scan.recording import Recorded, Recorder
from codered.scan.shares import LOST, count_cores, deal_out, split_evenly
from codered.scan.system_state import collect_state
from codered.scan.tasks import Counted
from codered.scan.trusted_times import read_clock

FILES = "files of the baseline"
STATE = "state of the system against the baseline"
MOST_KEPT = 512 << 20  # bytes of contents, unpacked
_ONLY_BY_ITSELF = "differ from the baseline; they agree with the package's own records, which nobody signed"
_DOUBTED = "times were not believed, every file was read"
_SHARES = 64  # of one process: so that none works alone at the end
_COST_OF_A_FILE = 20_000  # bytes that are hashed in the time in which one file is opened
_encode = msgspec.msgpack.Encoder().encode
_decode_recorded = msgspec.msgpack.Decoder(Recorded).decode
_decode_rechecked = msgspec.msgpack.Decoder(Rechecked).decode
Tell = Callable[[int, int], None]


def tell_nobody(_files: int, _of: int) -> None:
    """For callers who show no progress."""


class BaselineRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a baseline is to be of: `places` below the root (none = the whole system, with its state), `state` for some
    places too; `own` the tool's
    own folders below the root, which are left out; `store` where contents for restoring are kept (None = nowhere);
    `jobs` processes (0 = one a core).
    """

    places: tuple[bytes, ...] = ()
    state: bool = False
    own: tuple[bytes, ...] = ()
    store: str | None = None
    jobs: int = 0


class Made(msgspec.Struct, frozen=True):
    """A new baseline, and how much it took: files and bytes read, contents kept, and not kept for want of room."""

    baseline: Baseline
    files: int
    bytes: int
    kept: int
    no_room: int


class Comparison(msgspec.Struct, frozen=True):
    """How a target differs from a baseline, and what was looked at, passed over and not read."""

    deviations: tuple[Deviation, ...]
    counted: tuple[Counted, ...]


def create_baseline(target: Target, request: BaselineRequest, tell: Tell = tell_nobody) -> Made:
    """Record a target as it is now. What can't be read is in the baseline's gaps. Raises WrongUse if a content can't be
    kept.
    """
    web_roots = find_web_roots(target)
    starts = tuple(map(Start, request.places)) if request.places else list_starts(target, web_roots)
    is_wanted = (request.state or not request.places) and target.info.system == "linux"
    state = collect_state(target) if is_wanted and "autostart" in target.info.offers else None
    listed, unread = _list_folders(target, starts, request.own)
    done = _record_all(target, request, listed, web_roots, tell)
    unread += done.unread + list(state.unread if state else ())
    system = state.system if state else SystemSeen()
    clock = read_clock()
    order = {folder.rel: number for number, folder in enumerate(listed)}
    baseline = Baseline(
        id=secrets.token_hex(6),
        tool=f"codered {__version__}",
        created=datetime.now(UTC),
        host=target.info.host,
        root=target.info.root,
        system=target.info.system,
        places=tuple(start.rel for start in starts),
        folders=tuple(sorted(done.folders, key=lambda folder: order[folder.rel])),
        packages=system.packages,
        autostart=tuple(record for record, _ in system.autostart),
        accounts=tuple(record for record, _ in system.accounts),
        keys=tuple(record for record, _ in system.keys),
        listeners=system.listeners,
        web_roots=web_roots,
        gaps=tuple(_describe_gap(target, item) for item in unread if item.state == "failed")
        + (state.troubles if state else ()),
        whole=state is not None,
        stored=done.kept > 0,
        clock_lead_ns=clock.lead,
        boot=clock.boot,
    )
    return Made(baseline, done.files, done.bytes, done.kept, done.no_room)


class CompareRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How to compare: `full` reads every file, and `full_because` says why; `truth` of what is told; `own` the tool's
    own folders below the root; `jobs` processes (0 = one a core; 1 = this one alone).
    """

    full: bool = False
    full_because: str = ""
    truth: Truth = "baseline"
    own: tuple[bytes, ...] = ()
    jobs: int = 1


def compare_system(target: Target, before: Baseline, request: CompareRequest | None = None) -> Comparison:
    """How the target differs from the baseline: files and the state of the system, as far as it has them."""
    request = request or CompareRequest()
    state = collect_state(target) if before.whole and "autostart" in target.info.offers else None
    system = state.system if state else SystemSeen()
    of_state = list(compare_states(before, system)) if state else []
    renewed = frozenset(item.name for item in compare_packages(before.packages, system.packages)) if state else ()
    manner = Manner(
        around=Surroundings(before.web_roots, plain=before.system != "linux" or not before.whole),
        truth=request.truth,
        full=request.full,
        renewed=frozenset(renewed),
        own=request.own,
        owners=request.truth == "baseline",
    )
    done = _recheck_all(target, before.folders, manner, request.jobs)
    of_state = [_add_note(item, done.told_with) for item in of_state]
    deviations = drop_explained(target, before, (*of_state, *done.deviations))
    counted = [*_count_files(target, done, request)]
    if state is not None:
        counted.append(Counted("integrity", STATE, count=sum(map(len, system[:5]))))
        counted += [_count_gap(target, item, STATE) for item in state.unread]
        counted += [Counted("integrity", STATE, "failed", trouble) for trouble in state.troubles]
    return Comparison(deviations, tuple(counted))


def _list_folders(
    target: Target, starts: tuple[Start, ...], own: tuple[bytes, ...]
) -> tuple[list[FolderRecord], list[Unwalked]]:
    """All folders in the order of the walk, and what was not walked into."""
    folders: list[FolderRecord] = []
    unread: list[Unwalked] = []
    chain = FolderChain(target)
    try:
        for item in walk_states(target, starts, lambda rel: why_left_out(rel, own), chain):
            if isinstance(item, Unwalked):
                unread.append(item)
            else:
                folders.append(item)
    finally:
        chain.close()
    return folders, unread


def _record_all(
    target: Target, request: BaselineRequest, listed: list[FolderRecord], web_roots: tuple[bytes, ...], tell: Tell
) -> Recorded:
    """The folders with their files read. Raises WrongUse."""
    jobs = request.jobs or count_cores()
    packages = PackageDatabase(Reader(target))
    is_known = (request.state or not request.places) and packages.known  # read once, before the processes part
    store = ContentStore(Path(request.store), MOST_KEPT // jobs) if request.store else None
    recorder = Recorder(target, web_roots, packages if is_known else None, store)
    weights = [_weigh(folder) for folder in listed]
    shares = split_evenly(weights, _SHARES * jobs)

    def work(number: int) -> bytes:
        return _encode(recorder.record([listed[index] for index in shares[number]]))

    everything, total = Recorded(), len(listed)
    for number, answer in deal_out(len(shares), work, jobs):
        if answer is None:
            everything.unread += [Unwalked(listed[index].rel, "failed", LOST) for index in shares[number]]
            continue
        done = _decode_recorded(answer)
        if done.trouble:
            raise WrongUse(done.trouble, where="contents for restoring", advice="make room, or use --no-contents")
        everything.folders += done.folders
        everything.unread += done.unread
        everything.files += done.files
        everything.bytes += done.bytes
        everything.kept += done.kept
        everything.no_room += done.no_room
        tell(len(everything.folders), total)
    return everything


def _recheck_all(target: Target, folders: tuple[FolderRecord, ...], manner: Manner, asked_jobs: int) -> Rechecked:
    jobs = asked_jobs or count_cores()
    packages = PackageDatabase(Reader(target))
    if manner.renewed and jobs > 1:
        packages.owner(b"")  # read once, before the processes part
    rechecker = Rechecker(target, manner, packages, folders)
    shares = split_evenly([len(folder.numbers) + 200 for folder in folders], 1 if jobs == 1 else _SHARES * jobs)

    def work(number: int) -> bytes:
        return _encode(rechecker.check(folders[shares[number].start : shares[number].stop]))

    everything = Rechecked()
    for number, answer in deal_out(len(shares), work, jobs):
        if answer is None:
            everything.unread += [Unwalked(folders[index].rel, "failed", LOST) for index in shares[number]]
            continue
        done = _decode_rechecked(answer)
        everything.deviations += done.deviations
        everything.unread += done.unread
        everything.entries += done.entries
        everything.read += done.read
        _add_counts(everything.passed, done.passed)
        _add_counts(everything.told_with, done.told_with)
        everything.doubted = done.doubted | everything.doubted
    everything.deviations.sort(key=lambda item: item.path.to_bytes() if item.path else b"")
    return everything


def _add_counts(to: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        to[name] = to.get(name, 0) + count


def _add_note(found: Deviation, told_with: dict[str, int]) -> Deviation:
    """A changed package tells of the files that are told only with it."""
    count = told_with.get(found.package, 0)
    if not found.kind.endswith("-package") or not count:
        return found
    return msgspec.structs.replace(found, note=f"{count} of its files {_ONLY_BY_ITSELF}")


def _weigh(folder: FolderRecord) -> int:
    """What it costs to read: the bytes of its files, and opening them."""
    sizes = array("q", folder.numbers).tolist()[2::NUMBERS]
    return sum(max(size, 0) for size in sizes) + len(sizes) * _COST_OF_A_FILE + _COST_OF_A_FILE


def _count_files(target: Target, done: Rechecked, request: CompareRequest) -> Iterator[Counted]:
    yield Counted("integrity", FILES, count=done.entries)
    if request.full_because:
        yield Counted("integrity", FILES, "skipped", f"{_DOUBTED}: {request.full_because}", 0)
    for why, rel in sorted(done.doubted.items()):
        yield Counted("integrity", FILES, "skipped", f"{_DOUBTED}: {why}", 0, example=_name(target, rel))
    for why, count in sorted(done.passed.items()):
        yield Counted("integrity", FILES, "skipped", why, count)
    for item in done.unread:
        yield _count_gap(target, item, FILES)


def _count_gap(target: Target, item: Unwalked, where: str) -> Counted:
    return Counted("integrity", where, item.state, item.why, example=_name(target, item.rel) if item.rel else "")


def _name(target: Target, rel: bytes) -> str:
    return path_from_bytes(target.absolute(rel)).text


def _describe_gap(target: Target, item: Unwalked) -> str:
    return f"{_name(target, item.rel)}: {item.why}"
