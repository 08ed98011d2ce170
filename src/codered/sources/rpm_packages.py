"""An rpm package as a source: a local file that carries the installed package's own name and version, and a signature
by a key of the machine that runs the tool, or of the keyring that the user named. Nothing is downloaded.
"""

import re
from pathlib import Path

from codered.model.known_good import PackageRecord
from codered.model.plan import NoSource
from codered.sources.folders import Folder, TooMuch
from codered.sources.kept_files import KeptFiles, copy_hashed
from codered.sources.packages import MOST_PACKAGE, MOST_UNPACKED, Unpacked
from codered.sources.programs import ProgramFailed, pour, run_program
from codered.sources.tar_files import DamagedArchive, list_members

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~^-]{0,199}")
_VERSION = re.compile(r"(?:[0-9]{1,9}:)?([A-Za-z0-9._+~^-]{1,199})")
_KEY = re.compile(r"key ID ([0-9a-f]{8,40}): OK$", re.MULTILINE)
_SECONDS = 120
_QUERY = "%{NAME} %{VERSION}-%{RELEASE} %{ARCH}"


def unpack_rpm(
    package: PackageRecord, folders: tuple[Folder, ...], keyring: Path | None, work: KeptFiles
) -> Unpacked | NoSource:
    """The package of exactly this version, with a signature that holds. Raises WrongUse, OSError if there is no room to
    work in.
    """
    version = _VERSION.fullmatch(package.version)
    if not (_NAME.fullmatch(package.name) and version and _NAME.fullmatch(package.architecture)):
        return NoSource("the package database names a package that can't be one")
    wanted = f"{package.name} {version[1]} {package.architecture}"
    name = f"{package.name}-{version[1]}.{package.architecture}.rpm"
    why = f"{name} is in none of the folders given with --packages"
    for folder in folders:
        if name not in folder.names():
            continue
        found = _try_file(folder, name, wanted, keyring, work)
        if isinstance(found, Unpacked):
            return found
        why = f"{ascii(folder.shown)[1:-1]}/{name}: {found.because}"
    return NoSource(why)


def _try_file(folder: Folder, name: str, wanted: str, keyring: Path | None, work: KeptFiles) -> Unpacked | NoSource:
    with work.scratch_folder() as private:
        copy = Path(private) / "package.rpm"
        try:
            with folder.file(name) as descriptor, copy.open("wb") as out:
                if not copy_hashed(descriptor, out, MOST_PACKAGE):
                    return NoSource("it is larger than any package")
        except OSError as error:
            return NoSource(error.strerror or str(error))
        try:
            key = _check(copy, wanted, keyring, Path(private) / "keys")
            return _unpack(copy, f"package {wanted}, as signed by the rpm key {key}", work)
        except (ProgramFailed, TooMuch, DamagedArchive) as error:
            return NoSource(str(error))


def _check(package: Path, wanted: str, keyring: Path | None, keys: Path) -> str:
    """The key that signed the package. Raises ProgramFailed if none did that is trusted."""
    trusted: list[str] = []
    if keyring is not None:
        trusted = ["--dbpath", str(keys)]
        if run_program(["rpmkeys", *trusted, "--import", str(keyring)], seconds=_SECONDS).code != 0:
            raise ProgramFailed(f"rpm can't use the keyring {keyring}")
    short = run_program(["rpmkeys", *trusted, "--checksig", str(package)], seconds=_SECONDS)
    long = run_program(["rpmkeys", *trusted, "--checksig", "--verbose", str(package)], seconds=_SECONDS)
    found = _KEY.search(long.out.decode(errors="replace"))
    # Of a package without a signature rpm says "digests OK", and ends well.
    if short.code or long.code or not short.out.rstrip().endswith(b": digests signatures OK") or not found:
        raise ProgramFailed("refused: no signature of it by a trusted key")
    asked = run_program(["rpm", *trusted, "-qp", "--qf", _QUERY, str(package)], seconds=_SECONDS)
    if asked.out.decode(errors="replace") != wanted:
        raise ProgramFailed("refused: it is another package than its name says")
    return found[1]


def _unpack(package: Path, origin: str, work: KeptFiles) -> Unpacked:
    """Raises ProgramFailed, TooMuch, DamagedArchive, OSError."""
    files = work.scratch()
    try:
        with package.open("rb") as given:
            pour(["rpm2archive", "-n", "-"], given, files, MOST_UNPACKED)
        return Unpacked(files, list_members(files), frozenset(), origin)
    except BaseException:
        files.close()
        raise
