"""Where a known-good file comes from, the most trusted first: a signed baseline's store, the package itself, an image
that the user vouches for. What can't be verified is no source, and it is said why.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from blake3 import blake3

from codered.model.errors import CodeRedError
from codered.model.known_good import FileRecord, PackageRecord
from codered.model.paths import FilePath, path_from_bytes
from codered.model.plan import NoSource, Source
from codered.model.target import Target
from codered.sources.dpkg_choices import is_overridden, packaged_name
from codered.sources.folders import Folder, folder_here, folder_of_target
from codered.sources.images import Image, open_image
from codered.sources.kept_files import Kept, KeptFiles
from codered.sources.keyrings import Keyrings
from codered.sources.package_indexes import PackageIndexes
from codered.sources.packages import Places, Unpacked, download_with_apt, unpack_package
from codered.sources.rpm_packages import unpack_rpm
from codered.sources.tar_files import DamagedArchive, Member, copy_member, find_member

_LISTS = b"var/lib/apt/lists"
_ARCHIVES = b"var/cache/apt/archives"
_FIXED_IDS = 100  # below this a number means the same owner on every Debian


class BaselineFile(NamedTuple):
    """A file of a signed baseline whose content was kept: `copy` writes that to a descriptor (raises OSError or
    CodeRedError), `origin` says which baseline, and by whom it was signed.
    """

    record: FileRecord
    origin: str
    copy: Callable[[int], None]


# The file at a path below the root by a signed baseline, or why that has none.
OfBaseline = Callable[[bytes], BaselineFile | NoSource]
# The BLAKE3 that a signed baseline has on record for a path; b"" = none.
OfRecord = Callable[[bytes], bytes]
# The installed package that a path below the root belongs to; None = none, or not known.
OfPackage = Callable[[bytes], PackageRecord | None]


def _no_baseline(_: bytes) -> NoSource:
    return NoSource("no baseline was given")


def _no_record(_: bytes) -> bytes:
    return b""


def _no_package(_: bytes) -> None:
    return None


class Choices(NamedTuple):
    """Where to look: folders of packages, a folder of signed indexes instead of the target's own, a keyring instead of
    apt's, an image of a known-good root; `offline`: nothing is downloaded.
    """

    packages: tuple[Path, ...] = ()
    lists: Path | None = None
    keyring: Path | None = None
    image: Path | None = None
    offline: bool = False


class Knowledge(NamedTuple):
    """Who knows what was there, which hash it had, and whose a file is."""

    of_baseline: OfBaseline = _no_baseline
    of_package: OfPackage = _no_package
    of_record: OfRecord = _no_record


_NO_CHOICES = Choices()
_NO_KNOWLEDGE = Knowledge()


class SourceFinder:
    """Finds sources for files of one target. What it takes is kept below `folder`. A package is unpacked once."""

    def __init__(
        self, target: Target, folder: Path, choices: Choices = _NO_CHOICES, knowledge: Knowledge = _NO_KNOWLEDGE
    ) -> None:
        """Raises WrongUse if the keyring or the image is none."""
        self._target = target
        self._work = KeptFiles(folder)
        self._choices = choices
        self._knowledge = knowledge
        self._places = self._choose_places(Keyrings(choices.keyring))
        self._image: Image | None = open_image(choices.image, self._work) if choices.image else None
        self._unpacked: dict[PackageRecord, Unpacked | NoSource] = {}

    def find(self, path: FilePath, asked: bool = False) -> Source | NoSource:
        """The known-good file for a place of the target. A package's own configuration file counts only if it is
        `asked` for: the administrator may have had reasons. Raises WrongUse if nothing can be kept.
        """
        top = os.fsencode(self._target.info.root).rstrip(b"/") + b"/"
        rel = path.to_bytes().removeprefix(top)
        if not path.to_bytes().startswith(top) or {b"", b".", b".."} & set(rel.split(b"/")):
            return NoSource("it does not lie beneath the target's root")
        reasons = []
        for source in (self._from_baseline, lambda rel: self._from_package(rel, asked), self._from_image):
            try:
                found = source(rel)
            except OSError as error:
                found = NoSource(f"it can't be kept: {error.strerror or error}")
            except DamagedArchive as error:
                found = NoSource(str(error))
            if isinstance(found, Source):
                return found
            if found.because:
                reasons.append(found.because)
        return NoSource("; ".join(reasons))

    def close(self) -> None:
        """Let go of what was unpacked."""
        for found in self._unpacked.values():
            if isinstance(found, Unpacked):
                found.archive.close()
        self._unpacked.clear()
        if self._image is not None:
            self._image.archive.close()

    def _choose_places(self, keyrings: Keyrings) -> Places:
        lists, live = self._choices.lists, self._target.info.kind == "live_linux"
        indexes = [folder_here(lists)] if lists else [folder_of_target(self._target, _LISTS)]
        folders = [folder_here(path) for path in self._choices.packages]
        folders.append(folder_of_target(self._target, _ARCHIVES))
        if not live:
            folders.append(folder_here(Path("/") / os.fsdecode(_ARCHIVES)))
        why = "only a running host downloads its packages" if not live else ""
        why = "--offline" if self._choices.offline else why
        return Places(
            folders=tuple(folders),
            indexes=tuple(PackageIndexes(folder, keyrings, self._work) for folder in indexes),
            download=None if why else download_with_apt,
            no_download=why,
        )

    def _from_baseline(self, rel: bytes) -> Source | NoSource:
        """Raises OSError, WrongUse."""
        found = self._knowledge.of_baseline(rel)
        if isinstance(found, NoSource):
            return found
        try:
            kept, record = self._work.keep(found.copy), found.record
        except CodeRedError as error:  # the next source may be whole
            return NoSource(str(error))
        if record.sha256 and kept.sha256 != record.sha256.hex():
            return NoSource("the content that the baseline kept is another")
        return Source(
            path=path_from_bytes(os.fsencode(kept.path)),
            sha256=kept.sha256,
            size=kept.size,
            mode=record.mode & 0o7777,
            uid=record.uid,
            gid=record.gid,
            mtime_ns=record.mtime_ns,
            owns_attributes=True,
            xattrs=dict(record.xattrs),
            origin=found.origin,
        )

    def _from_package(self, rel: bytes, asked: bool) -> Source | NoSource:
        """Raises OSError, WrongUse, DamagedArchive."""
        package = self._knowledge.of_package(rel)
        if package is None:
            return NoSource("no package has it")
        if package not in self._unpacked:
            self._unpacked[package] = self._unpack(package)
        found = self._unpacked[package]
        if isinstance(found, NoSource):
            return found
        named = packaged_name(self._target, rel, package.name) if package.manager == "dpkg" else rel
        member = find_member(found.listing, named)
        if member is None:
            kind = "a link there" if named in found.listing.others else "no such file"
            return NoSource(f"the package {package.name} {package.version} has {kind}")
        if named in found.conffiles and not asked:
            return NoSource("it is a configuration file, which the administrator may have changed")
        fixed = member.uid < _FIXED_IDS and member.gid < _FIXED_IDS
        chosen = package.manager == "dpkg" and is_overridden(self._target, rel)
        source = self._take(found.archive, member, found.origin, owns=fixed and not chosen)
        wanted = self._knowledge.of_record(rel) if named in found.conffiles else b""
        if wanted and blake3(Path(source.path.text).read_bytes()).digest() != wanted:
            return NoSource("the configuration file of its package is not the one that the baseline has on record")
        return source

    def _unpack(self, package: PackageRecord) -> Unpacked | NoSource:
        if package.manager == "dpkg":
            return unpack_package(package, self._places, self._work)
        folders: tuple[Folder, ...] = tuple(folder_here(path) for path in self._choices.packages)
        return unpack_rpm(package, folders, self._choices.keyring, self._work)

    def _from_image(self, rel: bytes) -> Source | NoSource:
        """Raises OSError, WrongUse, DamagedArchive."""
        if self._image is None:
            return NoSource("")
        member = find_member(self._image.listing, rel)
        if member is None:
            return NoSource("the image given has no such file")
        return self._take(self._image.archive, member, f"the image {self._choices.image} given by you", owns=False)

    def _take(self, archive: BinaryIO, member: Member, origin: str, *, owns: bool) -> Source:
        kept: Kept = self._work.keep(lambda fd: copy_member(archive, member, fd))
        return Source(
            path=path_from_bytes(os.fsencode(kept.path)),
            sha256=kept.sha256,
            size=kept.size,
            mode=member.mode,
            uid=member.uid,
            gid=member.gid,
            mtime_ns=member.mtime_ns,
            owns_attributes=owns,
            origin=origin,
        )
