"""A repository on the publisher's side: metadata/ and targets/, files for any static web server, a folder or a stick.

A reader sees the state before or after: every file has its version or digest in its name, and `timestamp.json`, by
which a reader finds the others, is replaced last.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, T, Targets, Timestamp

from codered.model.errors import Refused, RolledBack, WrongUse
from codered.packs.strict_yaml import read_bytes
from codered.packs.updating.keys import Signers
from codered.packs.updating.writing import replace_file
from codered.system.folders import sync_folder

METADATA_FOLDER = "metadata"
TARGETS_FOLDER = "targets"
LOCK_FILE = ".lock"
MOST_METADATA_BYTES = 1 << 20
ROOT_DAYS = 365
LEAST_DAYS = 90  # targets and snapshot: they change seldom, and it is the timestamp that tells of a standstill
_READABLE = 0o644


class State(NamedTuple):
    """The metadata of the four roles as they are published now."""

    root: Metadata[Root]
    targets: Metadata[Targets]
    snapshot: Metadata[Snapshot]
    timestamp: Metadata[Timestamp]


class Terms(NamedTuple):
    """By whom and when it is signed, and for how many days a timestamp is good."""

    signers: Signers
    now: datetime
    days: int

    def end(self, least: int = 0) -> datetime:
        """When what is signed now expires; TUF counts whole seconds."""
        return self.now.replace(microsecond=0) + timedelta(days=max(self.days, least))


def read_state(repository: Path) -> State:
    """What a repository says now, verified by its own root. Raises WrongUse."""
    folder = repository / METADATA_FOLDER
    version = newest_root(repository)
    if not version:
        advice = "make it first: codered packs publish init --keys DIR --to FOLDER"
        raise WrongUse("is no repository", where=str(repository), advice=advice)
    try:
        root = _read(folder / f"{version}.root.json", Root)
        timestamp = _read(folder / "timestamp.json", Timestamp)
        snapshot = _read(folder / f"{timestamp.signed.snapshot_meta.version}.snapshot.json", Snapshot)
        targets = _read(folder / f"{snapshot.signed.meta['targets.json'].version}.targets.json", Targets)
        roles = (("timestamp", timestamp), ("snapshot", snapshot), ("targets", targets))
        for role, metadata in roles:
            root.signed.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
    except (RepositoryError, KeyError):
        advice = "bring back a copy of it; clients still have what they pulled"
        raise WrongUse("the repository is damaged", where=str(folder), advice=advice) from None
    return State(root, targets, snapshot, timestamp)


def newest_root(repository: Path) -> int:
    """The version of the newest root, 0 if there is none."""
    paths = (repository / METADATA_FOLDER).glob("*.root.json")
    return max((int(path.name.split(".")[0]) for path in paths if path.name.split(".")[0].isdecimal()), default=0)


def sign(root: Root, role: str, metadata: Metadata[T], signers: Signers, *, also: Root | None = None) -> None:
    """Sign with every key of the role that is at hand (`also`: with those of an earlier root too). Raises Refused if
    they are too few.
    """
    ids = [*root.roles[role].keyids, *(also.roles[role].keyids if also else ())]
    metadata.signatures.clear()
    for keyid in dict.fromkeys(ids):
        if keyid in signers:
            metadata.sign(signers[keyid], append=True)
    for each in (root, also) if role == "root" and also else (root,):
        try:
            each.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
        except UnsignedMetadataError:
            need, have = each.roles[role].threshold, len(set(each.roles[role].keyids) & set(signers))
            advice = "nothing was published; name each folder of keys with --keys"
            raise Refused(f"{need} of the keys for {role} must sign, {have} are here", advice=advice) from None


def advance(state: State, terms: Terms, targets: Targets | None, *, old_root: Root | None = None) -> State:
    """The next snapshot and timestamp, and with `targets` the next of these; versions only go up. Raises Refused."""
    root = state.root.signed
    new_targets = state.targets
    if targets is not None:
        targets.version = state.targets.signed.version + 1
        targets.expires = terms.end(LEAST_DAYS)
        new_targets = Metadata(targets)
        sign(root, "targets", new_targets, terms.signers, also=old_root)
    snapshot = Snapshot(state.snapshot.signed.version + 1, expires=terms.end(LEAST_DAYS))
    snapshot.meta["targets.json"] = MetaFile.from_data(new_targets.signed.version, new_targets.to_bytes(), ["sha256"])
    new_snapshot = Metadata(snapshot)
    sign(root, "snapshot", new_snapshot, terms.signers, also=old_root)
    state = State(state.root, new_targets, new_snapshot, state.timestamp)
    return advance_timestamp(state, terms, old_root=old_root)


def advance_timestamp(state: State, terms: Terms, *, old_root: Root | None = None) -> State:
    """The next timestamp over the snapshot of the state. Raises Refused."""
    meta = MetaFile.from_data(state.snapshot.signed.version, state.snapshot.to_bytes(), ["sha256"])
    timestamp = Timestamp(state.timestamp.signed.version + 1, expires=terms.end(), snapshot_meta=meta)
    metadata = Metadata(timestamp)
    sign(state.root.signed, "timestamp", metadata, terms.signers, also=old_root)
    return State(state.root, state.targets, state.snapshot, metadata)


def write_state(repository: Path, state: State, archives: dict[str, bytes]) -> None:
    """Targets (by their published names), then metadata, the timestamp last but for a new root: readers that know only
    the old root must still find the timestamp, which is signed for both. Raises RolledBack: readers see the old state.
    """
    folder = repository / METADATA_FOLDER
    try:
        for each in (folder, repository / TARGETS_FOLDER):
            each.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name, data in archives.items():
            replace_file(repository / TARGETS_FOLDER / name, data, _READABLE)
        for role, metadata in (("targets", state.targets), ("snapshot", state.snapshot)):
            _write_new(folder / f"{metadata.signed.version}.{role}.json", metadata.to_bytes())
        replace_file(folder / "timestamp.json", state.timestamp.to_bytes(), _READABLE)
        _write_new(folder / f"{state.root.signed.version}.root.json", state.root.to_bytes())
        sync_folder(os.fsencode(folder))
    except OSError as error:
        advice = "readers see the state before; make room and publish again"
        raise RolledBack(f"can't be written: {error.strerror}", where=str(repository), advice=advice) from None


def _write_new(path: Path, data: bytes) -> None:
    """A version that is published already is never changed, unless a killed publisher left it unseen."""
    if not path.exists() or path.read_bytes() != data:
        replace_file(path, data, _READABLE)


def _read(path: Path, kind: type[T]) -> Metadata[T]:
    metadata: Metadata[T] = Metadata.from_bytes(read_bytes(path, MOST_METADATA_BYTES))
    if not isinstance(metadata.signed, kind):
        raise WrongUse("is other metadata than its name says", where=str(path), advice="bring back a copy of it")
    return metadata
