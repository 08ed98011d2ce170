"""Introduces who knows what a file must be (a baseline, the package records, packages) to the planning."""

import os
import stat
from functools import cached_property
from pathlib import Path

import msgspec
from blake3 import blake3
from msgspec.structs import replace

from codered.collect.package_list import list_packages
from codered.collect.packages import PackageDatabase
from codered.known_good.contents import ContentStore
from codered.known_good.storing import SignedBaseline
from codered.model.errors import Refused
from codered.model.known_good import FileRecord, PackageRecord
from codered.model.plan import NoSource
from codered.model.target import Target
from codered.sources.finding import BaselineFile, Choices, Knowledge, SourceFinder
from codered.system.state_folder import state_folder

_MOST_BYTES = 4 << 30  # of a file that is its own known-good content


class PlanWishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the user wishes of a plan: `restore_from` is a known-good folder laid out like the root, or an image of one;
    `packages` are folders of packages, `keyring` and `lists` what vouches for them instead of the system's own;
    `offline`: nothing is downloaded; `baseline` was read and its signature checked; `patch` and `mitigate`: what closes
    the hole is planned too.
    """

    restore_from: Path | None = None
    include_suspicious: bool = False
    packages: tuple[Path, ...] = ()
    keyring: Path | None = None
    lists: Path | None = None
    offline: bool = False
    baseline: SignedBaseline | None = None
    patch: bool = False
    mitigate: bool = False


def open_sources(target: Target, wishes: PlanWishes, packages: PackageDatabase) -> SourceFinder:
    """Who finds known-good files for this target. Raises WrongUse if the keyring or the image is none."""
    given = wishes.restore_from
    choices = Choices(
        packages=wishes.packages,
        lists=wishes.lists,
        keyring=wishes.keyring,
        image=given if given is not None and given.is_file() else None,
        offline=wishes.offline,
    )
    owners = _Owners(target, packages)
    kept = _KeptFiles(target, wishes.baseline) if wishes.baseline is not None else None
    knowledge = Knowledge(of_package=owners.find)
    if kept is not None:
        knowledge = Knowledge(of_baseline=kept.find, of_package=owners.find, of_record=kept.digest_of)
    return SourceFinder(target, state_folder() / "sources", choices, knowledge)


class _Owners:
    """The installed package that a file belongs to."""

    def __init__(self, target: Target, packages: PackageDatabase) -> None:
        self._target = target
        self._packages = packages

    def find(self, rel: bytes) -> PackageRecord | None:
        """The package of a path below the root; None if none has it, or several of this name may."""
        name = self._packages.owner(rel) if self._packages.known else ""
        found = self._installed.get(name, []) if name else []
        return found[0] if len({record.version for record in found}) == 1 else None

    @cached_property
    def _installed(self) -> dict[str, list[PackageRecord]]:
        found: dict[str, list[PackageRecord]] = {}
        for record in list_packages(self._target):
            found.setdefault(record.name, []).append(record)
        return found


class _KeptFiles:
    """The files of a baseline whose contents were kept."""

    def __init__(self, target: Target, signed: SignedBaseline) -> None:
        self._target = target
        self._signed = signed
        self._store = ContentStore(state_folder() / "baselines" / "contents")

    def find(self, rel: bytes) -> BaselineFile | NoSource:
        """The file of this path below the root as it was."""
        if not self._signed.signer:
            return NoSource("the baseline is not signed")
        folder, _, name = rel.rpartition(b"/")
        record = self._records(folder).get(name)
        if record is None:
            return NoSource("the baseline does not know it")
        baseline = self._signed.baseline
        origin = f"baseline {baseline.id} of {baseline.created:%Y-%m-%d}, signed by {self._signed.signer}"
        sha256 = record.sha256.hex()
        if record.sha256 and self._store.holds(sha256):
            return BaselineFile(record, origin, lambda out: _write(out, self._store.read(sha256)))
        if not record.digest or not stat.S_ISREG(record.mode):
            return NoSource("the baseline kept no content of it")
        return BaselineFile(replace(record, sha256=b""), origin, lambda out: self._copy_itself(rel, record.digest, out))

    def _copy_itself(self, rel: bytes, digest: bytes, out: int) -> None:
        """The content that is there now, if it is still the one of the baseline: then only its rights were changed.
        Raises Refused if it is another, OSError.
        """
        kept_none = Refused("the baseline kept no content of it")
        try:
            descriptor = self._target.open_file(rel)
        except OSError:
            raise kept_none from None
        hasher = blake3()
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise kept_none
            left = _MOST_BYTES
            while left and (piece := file.read(min(left, 1 << 20))):
                hasher.update(piece)
                _write(out, piece)
                left -= len(piece)
        if hasher.digest() != digest:
            raise kept_none

    def digest_of(self, rel: bytes) -> bytes:
        """The BLAKE3 of the file of this path below the root, as it was; b"" = not known."""
        folder, _, name = rel.rpartition(b"/")
        record = self._records(folder).get(name)
        return record.digest if record is not None and self._signed.signer else b""

    def _records(self, folder: bytes) -> dict[bytes, FileRecord]:
        for record in self._signed.baseline.folders:
            if record.rel == folder:
                try:
                    return record.records()
                except (ValueError, msgspec.DecodeError):
                    return {}
        return {}


def _write(out: int, content: bytes) -> None:
    """Write everything. Raises OSError."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(out, rest) :]
