"""What goes into the one file for hosts: our packages, the packs, and what they lean on, as it is installed here."""

import fnmatch
import importlib.metadata
import platform
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

import codered
import codered_hq
from codered.model.errors import WrongUse
from codered.packs.loading import find_shipped_packs

PACKS = "codered/shipped_packs"
_NO_SOURCE = frozenset(["__pycache__", "shipped_packs"])
_OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
_TAG = re.compile(r"manylinux_(\d{1,3})_(\d{1,3})_")


class HostParts(msgspec.Struct, frozen=True):
    """host_parts.json: the distributions (with all that they require), patterns of files that a host has no use for,
    and the rooms of headquarters that a scan point has.
    """

    distributions: tuple[str, ...]
    left_out: tuple[str, ...]
    headquarters_rooms: tuple[str, ...]


@cache
def read_host_parts() -> HostParts:
    """The list beside this file."""
    return msgspec.json.decode(files(__package__).joinpath("host_parts.json").read_bytes(), type=HostParts)


def list_parts(*, with_prober: bool) -> dict[str, Path]:
    """Path in the one file -> file here, in order. Raises WrongUse if something is not installed."""
    parts = _list_folder(Path(codered.__file__).parent, "codered")
    parts |= _list_folder(find_shipped_packs(), PACKS)
    if with_prober:
        home = Path(codered_hq.__file__).parent
        for room in read_host_parts().headquarters_rooms:
            parts |= _list_folder(home / room, f"codered_hq/{room}")
    for name in read_host_parts().distributions:
        parts |= _list_distribution(name)
    return dict(sorted(parts.items()))


def find_glibc() -> tuple[int, int]:
    """The oldest glibc with which all that was compiled works, as the wheels say; ours where one was built here."""
    here = platform.libc_ver()[1].split(".")
    ours = (int(here[0]), int(here[1])) if len(here) == 2 and all(part.isdigit() for part in here) else (2, 17)
    return max(_read_glibc(_find(name), ours) for name in read_host_parts().distributions)


def _read_glibc(found: importlib.metadata.Distribution, ours: tuple[int, int]) -> tuple[int, int]:
    tags = [line for line in (found.read_text("WHEEL") or "").splitlines() if line.startswith("Tag:")]
    if any(line.endswith("-any") for line in tags):
        return (2, 5)
    known = [(int(match[1]), int(match[2])) for line in tags for match in _TAG.finditer(line)]
    known += [version for line in tags for name, version in _OLD_NAMES.items() if f"{name}_" in line]
    return min(known, default=ours)


def _list_folder(place: Path, name: str) -> dict[str, Path]:
    if place.is_file():
        return {name: place}
    return {
        f"{name}/{path.relative_to(place).as_posix()}": path
        for path in place.rglob("*")
        if path.is_file() and not _NO_SOURCE & set(path.relative_to(place).parts)
    }


def _list_distribution(name: str) -> dict[str, Path]:
    found = _find(name)
    listed = {str(each): Path(str(each.locate())) for each in found.files or ()}
    patterns = read_host_parts().left_out
    wanted = {
        path: here for path, here in listed.items() if not any(fnmatch.fnmatchcase(path, each) for each in patterns)
    }
    if missing := next((path for path, here in wanted.items() if not here.is_file()), None):
        raise WrongUse(f"is not whole here: {missing} is missing", where=name, advice="install it again")
    if not wanted:
        raise WrongUse("lists no files of its own here", where=name, advice="install it from a wheel")
    return wanted


def _find(name: str) -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        raise WrongUse(
            "is not installed here, and hosts need it", where=name, advice="install codered-detect"
        ) from None
