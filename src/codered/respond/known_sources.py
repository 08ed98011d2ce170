"""Introduces who knows what a file must be (a baseline, the package records, packages) to the planning."""

import os
from functools import cached_property
from pathlib import Path

import msgspec

from codered.collect.package_list import list_packages
from codered.collect.packages import PackageDatabase
from codered.known_good.contents import ContentStore
from codered.known_good.storing import SignedBaseline
from codered.model.known_good import FileRecord, PackageRecord
from codered.model.plan import NoSource
from codered.model.target import Target
from codered.respond.keeping import state_folder
from codered.sources.finding import BaselineFile, Choices, Knowledge, SourceFinder


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
    kept = _KeptFiles(wishes.baseline) if wishes.baseline is not None else None
    knowledge = Knowledge(of_package=owners.find)
    if kept is not None:
        knowledge = Knowledge(of_baseline=kept.find, of_package=owners.find)
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

    def __init__(self, signed: SignedBaseline) -> None:
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
        sha256 = record.sha256.hex()
        if not record.sha256 or not self._store.holds(sha256):
            return NoSource("the baseline kept no content of it")

        def copy(out: int) -> None:
            content = memoryview(self._store.read(sha256))
            while content:
                content = content[os.write(out, content) :]

        baseline = self._signed.baseline
        origin = f"baseline {baseline.id} of {baseline.created:%Y-%m-%d}, signed by {self._signed.signer}"
        return BaselineFile(record, origin, copy)

    def _records(self, folder: bytes) -> dict[bytes, FileRecord]:
        for record in self._signed.baseline.folders:
            if record.rel == folder:
                try:
                    return record.records()
                except (ValueError, msgspec.DecodeError):
                    return {}
        return {}
