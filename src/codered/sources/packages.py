"""A package as a source: found in a folder or downloaded, believed only by a hash that a repository signed, unpacked
into a file without a name.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from codered.model.known_good import PackageRecord
from codered.model.plan import NoSource
from codered.sources.folders import Folder, TooMuch, folder_here
from codered.sources.kept_files import KeptFiles, copy_hashed
from codered.sources.package_indexes import Entry, PackageIndexes
from codered.sources.programs import ProgramFailed, pour, run_program
from codered.sources.tar_files import DamagedArchive, Listing, list_members

MOST_PACKAGE = 8 << 30
MOST_UNPACKED = 16 << 30
_SECONDS = 120
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]{0,199}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~:-]{0,199}")
_ARCHITECTURE = re.compile(r"[a-z0-9-]{0,40}")
_MOST_TOLD = 3


class Unpacked(NamedTuple):
    """A package's files: the archive of them, what it lists, its configuration files, and why it is believed."""

    archive: BinaryIO
    listing: Listing
    conffiles: frozenset[bytes]
    origin: str


class Places(NamedTuple):
    """Where packages of dpkg are looked for, and the signed indexes that say which are real. `download` fetches one
    into a folder (raises ProgramFailed); None = nothing is downloaded, `no_download` says why.
    """

    folders: tuple[Folder, ...]
    indexes: tuple[PackageIndexes, ...]
    download: Callable[[PackageRecord, Path], None] | None = None
    no_download: str = ""


def unpack_package(package: PackageRecord, places: Places, work: KeptFiles) -> Unpacked | NoSource:
    """The package of exactly this version, verified. Raises WrongUse, OSError if there is no room to work in."""
    if not (
        _NAME.fullmatch(package.name)
        and _VERSION.fullmatch(package.version)
        and _ARCHITECTURE.fullmatch(package.architecture)
    ):
        return NoSource("the package database names a package that can't be one")
    entries = [entry for index in places.indexes for entry in index.find(package)]
    if not entries:
        return NoSource(_tell_unsigned(package, places))
    refused: list[str] = []
    found = _search_folders(package, entries, places.folders, work, refused)
    if found is None and places.download is not None:
        found = _download(package, entries, places, work, refused)
    if found is None:
        return NoSource(_tell_missing(package, places, refused))
    archive, entry = found
    with archive:
        return _unpack(package, archive, entry, work)


def _search_folders(
    package: PackageRecord, entries: list[Entry], folders: tuple[Folder, ...], work: KeptFiles, refused: list[str]
) -> tuple[BinaryIO, Entry] | None:
    """A copy of the first file that is the package. One whose name says so and which is another is refused by name."""
    start = f"{package.name}_{package.version.replace(':', '%3a')}_"
    most = max(entry.size for entry in entries) or MOST_PACKAGE
    for folder in folders:
        for name in folder.names():
            if not (name.endswith(".deb") and name.startswith((start, f"{package.name}_"))):
                continue
            copy = work.scratch()
            try:
                with folder.file(name) as descriptor:
                    digest = copy_hashed(descriptor, copy, most)
            except OSError as error:
                copy.close()
                refused.append(f"{_shown(folder, name)}: {error.strerror or error}")
                continue
            entry = next((entry for entry in entries if entry.sha256 == digest), None)
            if entry is not None:
                return copy, entry
            copy.close()
            if name.startswith(start):
                refused.append(f"{_shown(folder, name)}: refused: its SHA-256 is not the signed one")
    return None


def _download(
    package: PackageRecord, entries: list[Entry], places: Places, work: KeptFiles, refused: list[str]
) -> tuple[BinaryIO, Entry] | None:
    assert places.download is not None
    with work.scratch_folder() as folder:
        try:
            places.download(package, Path(folder))
        except ProgramFailed as error:
            refused.append(f"not downloaded: {error}")
            return None
        return _search_folders(package, entries, (folder_here(Path(folder)),), work, refused)


def download_with_apt(package: PackageRecord, folder: Path) -> None:
    """Have apt fetch the package into a folder. Raises ProgramFailed."""
    what = package.name
    if package.architecture not in ("", "all"):
        what += f":{package.architecture}"
    # apt's own user could not write into a private folder; what it brings is checked by its hash afterwards.
    options = ["-q", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"]
    command = ["apt-get", "download", *options, f"{what}={package.version}"]
    answer = run_program(command, seconds=_SECONDS, cwd=folder)
    if answer.code != 0:
        raise ProgramFailed(answer.last_words())


def _unpack(package: PackageRecord, archive: BinaryIO, entry: Entry, work: KeptFiles) -> Unpacked | NoSource:
    what = f"package {package.name} {package.version}"
    try:
        conffiles = _list_conffiles(archive)
        files = work.scratch()
        try:
            pour(["dpkg-deb", "--fsys-tarfile", "-"], archive, files, MOST_UNPACKED)
            listing = list_members(files)
        except BaseException:
            files.close()
            raise
    except (ProgramFailed, TooMuch, DamagedArchive) as error:
        return NoSource(f"{what} can't be unpacked: {error}")
    signer = ", ".join(key[-16:] for key in entry.release.keys)
    return Unpacked(
        files, listing, conffiles, f"{what}, as signed by {ascii(entry.release.called)[1:-1]} (key {signer})"
    )


def _list_conffiles(archive: BinaryIO) -> frozenset[bytes]:
    archive.seek(0)
    with suppress(ProgramFailed):
        answer = run_program(["dpkg-deb", "--info", "-", "conffiles"], seconds=_SECONDS, given=archive)
        if answer.code == 0:  # otherwise there are none
            lines = (line.strip() for line in answer.out.split(b"\n"))
            return frozenset(line.rpartition(b" ")[2].lstrip(b"/") for line in lines if line)
    return frozenset()


def _tell_unsigned(package: PackageRecord, places: Places) -> str:
    what = f"{package.name} {package.version} stands in no signed index"
    looked = ", ".join(ascii(index.folder.shown)[1:-1] for index in places.indexes) or "none was given"
    problems = [problem for index in places.indexes for problem in index.problems]
    advice = "if another version has taken its place, upgrade it, or give --packages and --lists"
    return f"{what} ({looked}){_join(problems)}; {advice}"


def _tell_missing(package: PackageRecord, places: Places, refused: list[str]) -> str:
    what = f"the package {package.name} {package.version} is not here"
    if places.download is None and places.no_download:
        refused.append(f"not downloaded: {places.no_download}")
    return what + _join(refused) + "; give its folder with --packages"


def _join(reasons: list[str]) -> str:
    more = f" and {len(reasons) - _MOST_TOLD} more" if len(reasons) > _MOST_TOLD else ""
    return ": " + "; ".join(reasons[:_MOST_TOLD]) + more if reasons else ""


def _shown(folder: Folder, name: str) -> str:
    return ascii(f"{folder.shown}/{name}")[1:-1]
