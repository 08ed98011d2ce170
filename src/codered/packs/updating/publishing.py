"""Publishing packs: putting them into a repository, and keeping it fresh."""

import copy
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from tuf.api.metadata import TargetFile, Targets

from codered.model.errors import Refused, WrongUse
from codered.packs.heuristics import ENDING
from codered.packs.loading import digest_files, load_pack, read_files
from codered.packs.strict_yaml import read_bytes
from codered.packs.updating.archives import write_archive
from codered.packs.updating.current import order_version
from codered.packs.updating.index import (
    INDEX_TARGET,
    Index,
    IndexedHeuristics,
    IndexedPack,
    find_future,
    name_target,
    read_index,
    write_index,
)
from codered.packs.updating.keys import ROLES, load_signers
from codered.packs.updating.repository import (
    LOCK_FILE,
    TARGETS_FOLDER,
    State,
    Terms,
    advance,
    advance_timestamp,
    read_state,
    write_state,
)
from codered.packs.updating.writing import hold_lock

TIMESTAMP_DAYS = 14
MOST_DAYS = 3650
PackJudge = Callable[[tuple[Path, ...]], tuple[str, ...]]
"""Tries packs by their folders: what is wrong with them, a line each."""


class PublishOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Where to (`repository`), with the keys in which folders, when, and for how many days a timestamp is good."""

    repository: Path
    keys: tuple[Path, ...]
    now: datetime
    passphrase: bytes = b""
    days: int = TIMESTAMP_DAYS


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What a repository says now: the versions of its roles, until when they are good, its packs."""

    changed: bool
    versions: dict[str, int]
    expires: dict[str, datetime]
    packs: dict[str, str]


def publish_packs(
    order: PublishOrder, folders: tuple[Path, ...], removed: tuple[str, ...], judge: PackJudge
) -> Published:
    """Put packs (folders of one each) and the heuristics beside them (folders of packs) into the repository, in place
    of their earlier versions, and take `removed` ones out. The same again changes nothing. Raises Refused if packs
    are not good or changed without a higher version, or keys are missing; WrongUse, RolledBack.
    """
    packs = tuple(folder for folder in folders if (folder / "pack.yaml").exists())
    if problems := judge(packs):
        shown = "; ".join(problems[:3]) + (f"; and {len(problems) - 3} more" if len(problems) > 3 else "")
        raise Refused(f"not published: {shown}", advice="correct it: codered packs lint, codered packs test")
    with hold_lock(find_repository(order.repository) / LOCK_FILE, "publishing"):
        state = read_state(order.repository)
        before = read_published(order.repository, state)
        archives: dict[str, bytes] = {}
        entries = {pack.name: pack for pack in before.packs}
        for name in removed:
            if entries.pop(name, None) is None:
                raise WrongUse(f"`{name}` is not published", where=str(order.repository), advice="check its name")
        for folder in packs:
            entry = _prepare(folder, before, archives)
            if find_future(entry.version, order.now):
                what = f"{entry.name} has the version {entry.version}, which is later than next month"
                raise Refused(what, where=str(folder), advice="give it a version of this month: YYYY.MM.N")
            entries[entry.name] = entry
        heuristics = _prepare_heuristics(folders, before, archives)
        index = Index(packs=tuple(entries[name] for name in sorted(entries)), heuristics=heuristics)
        if index == before:
            return tell_state(state, before, changed=False)
        terms = Terms(load_signers(order.keys, order.passphrase), order.now, check_days(order.days))
        targets = _list_targets(state.targets.signed, index, archives)
        state = advance(state, terms, targets)
        write_state(order.repository, state, _name_files(targets, archives))
    return tell_state(state, index, changed=True)


def refresh_repository(order: PublishOrder) -> Published:
    """A new timestamp, so that readers know that nothing is held back; and a new snapshot, if it would expire before
    it does. Raises Refused if keys are missing, WrongUse, RolledBack.
    """
    with hold_lock(find_repository(order.repository) / LOCK_FILE, "publishing"):
        state = read_state(order.repository)
        terms = Terms(load_signers(order.keys, order.passphrase), order.now, check_days(order.days))
        targets = copy.deepcopy(state.targets.signed) if state.targets.signed.expires < terms.end() else None
        if targets or state.snapshot.signed.expires < terms.end():
            state = advance(state, terms, targets)
        else:
            state = advance_timestamp(state, terms)
        write_state(order.repository, state, {})
        return tell_state(state, read_published(order.repository, state), changed=True)


def read_published(repository: Path, state: State) -> Index:
    """The list of packs that is published now. Raises WrongUse."""
    target = state.targets.signed.targets.get(INDEX_TARGET)
    if target is None:
        return Index()
    path = repository / TARGETS_FOLDER / f"{target.hashes['sha256']}.{INDEX_TARGET}"
    return read_index(read_bytes(path), str(path))


def find_repository(repository: Path) -> Path:
    """The same folder, if it is there. Raises WrongUse."""
    if not repository.is_dir():
        advice = "make it first: codered packs publish init --keys DIR --to FOLDER"
        raise WrongUse("no such folder", where=str(repository), advice=advice)
    return repository


def check_days(days: int) -> int:
    """Days that something may be good for. Raises WrongUse."""
    if not 1 <= days <= MOST_DAYS:
        raise WrongUse(f"{days} days", where="--expires-days", advice=f"give 1 to {MOST_DAYS}")
    return days


def tell_state(state: State, index: Index, *, changed: bool) -> Published:
    """What to tell about a state."""
    roles = dict(zip(ROLES, (role.signed for role in state), strict=True))
    return Published(
        changed=changed,
        versions={role: signed.version for role, signed in roles.items()},
        expires={role: signed.expires for role, signed in roles.items()},
        packs={pack.name: pack.version for pack in index.packs},
    )


def _prepare(folder: Path, before: Index, archives: dict[str, bytes]) -> IndexedPack:
    """The entry of a pack, and its archive if it is not published yet."""
    loaded = load_pack(folder)
    name, version = loaded.pack.name, loaded.pack.version
    there = before.pack_named(name)
    if there and there.digest == loaded.digest:
        return there
    if there and order_version(version) <= order_version(there.version):
        what = f"version {version} is published as {there.version} already, with other content"
        raise Refused(what, where=str(folder), advice="give it a higher version: numbers never go back")
    entry = IndexedPack(
        name=name, version=version, digest=loaded.digest, target=name_target(name, version, loaded.digest)
    )
    archives[entry.target] = write_archive(read_files(folder))
    return entry


def _prepare_heuristics(
    folders: tuple[Path, ...], before: Index, archives: dict[str, bytes]
) -> IndexedHeuristics | None:
    """The heuristics that lie in the folders of packs; those that are published stay if there are none."""
    paths = [path for folder in folders for path in sorted(folder.glob(f"*{ENDING}"))]
    if not paths:
        return before.heuristics
    files = {path.name: read_bytes(path) for path in paths}
    digest = digest_files({name: hashlib.sha256(data).hexdigest() for name, data in files.items()})
    if before.heuristics and before.heuristics.digest == digest:
        return before.heuristics
    target = name_target("heuristics", "", digest)
    archives[target] = write_archive(files)
    return IndexedHeuristics(digest=digest, target=target)


def _list_targets(old: Targets, index: Index, archives: dict[str, bytes]) -> Targets:
    """The next list of targets: what the index names, and the index."""
    archives[INDEX_TARGET] = write_index(index)
    names = {pack.target for pack in index.packs} | ({index.heuristics.target} if index.heuristics else set())
    targets = copy.deepcopy(old)
    kept = {name: target for name, target in targets.targets.items() if name in names}
    new = {name: TargetFile.from_data(name, data, ["sha256"]) for name, data in archives.items()}
    targets.targets = kept | new
    return targets


def _name_files(targets: Targets, archives: dict[str, bytes]) -> dict[str, bytes]:
    """The archives by the names they are published under."""
    return {f"{targets.targets[name].hashes['sha256']}.{name}": data for name, data in archives.items()}
